"""The curves behind the metrics: ROC and precision-recall, thinned for drawing."""

import numpy as np

from fm.arrays import Float64s, Floats, Numbers


def roc(labels: Numbers, scores: Floats) -> tuple[Float64s, Float64s]:
    """Return false and true positive rate at every threshold, from (0, 0) to (1, 1).

    Args:
        labels: 0 or 1, shape (n,).
        scores: Higher for what is more likely positive, shape (n,).

    Returns:
        Both rates, growing, shape (t,) with one point more than there are distinct scores.

    Raises:
        ValueError: Every label is the same.
    """
    true, false = _positives_and_negatives(labels, scores)
    zero = np.zeros(1)
    return (
        np.concatenate([zero, false / false[-1]]),
        np.concatenate([zero, true / true[-1]]),
    )


def precision_recall(labels: Numbers, scores: Floats) -> tuple[Float64s, Float64s]:
    """Return recall, growing, and precision at every threshold.

    Args:
        labels: 0 or 1, shape (n,).
        scores: Higher for what is more likely positive, shape (n,).

    Returns:
        Both, shape (t,) with one point for each distinct score.

    Raises:
        ValueError: Every label is the same.
    """
    true, false = _positives_and_negatives(labels, scores)
    return true / true[-1], true / (true + false)


def _positives_and_negatives(labels: Numbers, scores: Floats) -> tuple[Float64s, Float64s]:
    """Count positives and negatives at or above each distinct score, highest first."""
    if len(np.unique(labels)) < 2:
        raise ValueError("the curve is not defined when every label is the same")
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    positive = labels[order].astype(np.float64)
    return np.cumsum(positive)[last], np.cumsum(1 - positive)[last]


def thin(x: Float64s, y: Float64s, points: int = 160) -> tuple[Float64s, Float64s]:
    """Return at most `points` points of a curve, spread over its length, with both ends.

    Args:
        x: Shape (t,).
        y: Shape (t,).
        points: How many points to keep at most, 2 or more.
    """
    if len(x) <= points:
        return x, y
    length = np.concatenate(([0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    chosen = np.searchsorted(length, np.linspace(0, length[-1], points))
    chosen = np.unique(np.concatenate(([0], np.minimum(chosen, len(x) - 1), [len(x) - 1])))
    return x[chosen], y[chosen]
