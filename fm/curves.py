"""The curves behind the metrics: ROC and precision-recall, thinned for drawing."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


def roc(labels: Array, scores: Array) -> tuple[Floats, Floats]:
    """False and true positive rate of every threshold, from (0, 0) to (1, 1): shape (t,) each."""
    true, false = _counts(labels, scores)
    zero = np.zeros(1)
    return (
        np.concatenate([zero, false / false[-1]]),
        np.concatenate([zero, true / true[-1]]),
    )


def precision_recall(labels: Array, scores: Array) -> tuple[Floats, Floats]:
    """Recall, growing, and precision of every threshold that a score sets: shape (t,) each."""
    true, false = _counts(labels, scores)
    return true / true[-1], true / (true + false)


def _counts(labels: Array, scores: Array) -> tuple[Floats, Floats]:
    """Positives and negatives at or above each distinct score, highest first."""
    if len(np.unique(labels)) < 2:
        raise ValueError("the curve is not defined when every label is the same")
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    positive = labels[order].astype(np.float64)
    return np.cumsum(positive)[last], np.cumsum(1 - positive)[last]


def thin(x: Floats, y: Floats, points: int = 160) -> tuple[Floats, Floats]:
    """At most `points` of the curve, both ends among them, spread over its length."""
    if len(x) <= points:
        return x, y
    length = np.concatenate(([0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    chosen = np.searchsorted(length, np.linspace(0, length[-1], points))
    chosen = np.unique(np.concatenate(([0], np.minimum(chosen, len(x) - 1), [len(x) - 1])))
    return x[chosen], y[chosen]
