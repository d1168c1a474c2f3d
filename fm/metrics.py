"""The metrics by which models are compared, in numpy alone.

Each takes arrays of shape (n,) and returns a float; each equals scikit-learn's of the same name.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def auc(labels: Array, scores: Array) -> float:
    """Area under the ROC curve: the chance that a positive outranks a negative, ties half.

    Raises ValueError when only one class is present, for which it is not defined.
    """
    labels, scores = _pair(labels, scores)
    positive = labels == 1
    positives = int(positive.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise ValueError("AUC is not defined when every label is the same")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    won = float(ranks[positive].sum()) - positives * (positives + 1) / 2
    return won / (positives * negatives)


def log_loss(labels: Array, probabilities: Array) -> float:
    """Mean negative log likelihood (natural log) of labels 0 and 1 under the probabilities.

    Probabilities are clipped by their own dtype's resolution, as scikit-learn does.
    """
    labels, probabilities = _pair(labels, probabilities)
    eps = float(np.finfo(probabilities.dtype).eps)
    p = np.clip(probabilities.astype(np.float64), eps, 1 - eps)
    return float(-np.mean(np.where(labels == 1, np.log(p), np.log1p(-p))))


def accuracy(labels: Array, predictions: Array) -> float:
    """Share of the predicted labels that are right."""
    labels, predictions = _pair(labels, predictions)
    return float(np.mean(labels == predictions))


def f1(labels: Array, predictions: Array) -> float:
    """Harmonic mean of precision and recall of label 1; 0 when there is nothing to find."""
    labels, predictions = _pair(labels, predictions)
    hits = int(np.sum((labels == 1) & (predictions == 1)))
    claimed = int(np.sum(predictions == 1)) + int(np.sum(labels == 1))
    return 2 * hits / claimed if claimed else 0.0


def rmse(labels: Array, predictions: Array) -> float:
    """Root of the mean squared error, in the label's unit."""
    labels, predictions = _pair(labels, predictions)
    return float(np.sqrt(np.mean((labels.astype(np.float64) - predictions) ** 2)))


def mae(labels: Array, predictions: Array) -> float:
    """Mean absolute error, in the label's unit."""
    labels, predictions = _pair(labels, predictions)
    return float(np.mean(np.abs(labels.astype(np.float64) - predictions)))


def _pair(labels: Array, predictions: Array) -> tuple[Array, Array]:
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"labels have shape {labels.shape} and predictions {predictions.shape}; "
            "both must be (n,)"
        )
    if not len(labels):
        raise ValueError("a metric of no rows is not defined")
    return labels, predictions
