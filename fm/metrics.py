"""The metrics by which models are compared, in numpy alone.

Each takes arrays of shape (n,) and returns a float that equals scikit-learn's metric of the same
name. Each raises ValueError when the shapes differ or there is no row.
"""

import numpy as np

from fm.arrays import Floats, Numbers


def auc(labels: Numbers, scores: Numbers) -> float:
    """Return the area under the ROC curve: the chance that a positive outranks a negative.

    Ties count half.

    Args:
        labels: 0 or 1, shape (n,).
        scores: Higher for what is more likely positive, shape (n,).

    Raises:
        ValueError: Only one class is present, for which the AUC is not defined; or as every
            metric of this module.
    """
    labels, scores = _checked(labels, scores)
    positive = labels == 1
    positives = int(positive.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise ValueError("AUC is not defined when every label is the same")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    won = float(ranks[positive].sum()) - positives * (positives + 1) / 2
    return won / (positives * negatives)


def log_loss(labels: Numbers, probabilities: Floats) -> float:
    """Return the mean negative log likelihood, in nats.

    Args:
        labels: 0 or 1, shape (n,).
        probabilities: Of label 1, shape (n,); clipped by their dtype's resolution, as
            scikit-learn does.

    Raises:
        ValueError: As every metric of this module.
    """
    labels, checked = _checked(labels, probabilities)
    eps = float(np.finfo(probabilities.dtype).eps)
    p = np.clip(checked.astype(np.float64), eps, 1 - eps)
    return float(-np.mean(np.where(labels == 1, np.log(p), np.log1p(-p))))


def accuracy(labels: Numbers, predictions: Numbers) -> float:
    """Return the share of predicted labels that are right.

    Args:
        labels: The true labels, shape (n,).
        predictions: The predicted labels, shape (n,).

    Raises:
        ValueError: As every metric of this module.
    """
    labels, predictions = _checked(labels, predictions)
    return float(np.mean(labels == predictions))


def f1(labels: Numbers, predictions: Numbers) -> float:
    """Return the harmonic mean of precision and recall of label 1.

    It is 0 when neither the labels nor the predictions have a 1.

    Args:
        labels: 0 or 1, shape (n,).
        predictions: The predicted labels, 0 or 1, shape (n,).

    Raises:
        ValueError: As every metric of this module.
    """
    labels, predictions = _checked(labels, predictions)
    hits = int(np.sum((labels == 1) & (predictions == 1)))
    claimed = int(np.sum(predictions == 1)) + int(np.sum(labels == 1))
    return 2 * hits / claimed if claimed else 0.0


def rmse(labels: Numbers, predictions: Numbers) -> float:
    """Return the root of the mean squared error, in the label's unit.

    Args:
        labels: The true values, shape (n,).
        predictions: The predicted values, shape (n,).

    Raises:
        ValueError: As every metric of this module.
    """
    labels, predictions = _checked(labels, predictions)
    return float(np.sqrt(np.mean((labels.astype(np.float64) - predictions) ** 2)))


def mae(labels: Numbers, predictions: Numbers) -> float:
    """Return the mean absolute error, in the label's unit.

    Args:
        labels: The true values, shape (n,).
        predictions: The predicted values, shape (n,).

    Raises:
        ValueError: As every metric of this module.
    """
    labels, predictions = _checked(labels, predictions)
    return float(np.mean(np.abs(labels.astype(np.float64) - predictions)))


def _checked(labels: Numbers, predictions: Numbers) -> tuple[Numbers, Numbers]:
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"labels have shape {labels.shape} and predictions {predictions.shape}; "
            "both must be (n,)"
        )
    if not len(labels):
        raise ValueError("a metric of no rows is not defined")
    return labels, predictions
