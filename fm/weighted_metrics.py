"""Metrics of weighted rows, quick to compute again for other weights of the same rows.

With all weights one they equal `fm.metrics`. A bootstrap resample of the rows is such a weight:
how often it drew each row. Rows with the same label and (nearly) the same score contribute alike
and share a cell; the work of each resample is to count its cells.
"""

from collections.abc import Callable

import numpy as np

from fm import calibration
from fm.arrays import Bools, Float64s, Floats, Int64s, Numbers

CLASSIFICATION = ("auc", "log_loss", "accuracy", "f1", "ece")
REGRESSION = ("rmse", "mae")
Statistic = Callable[[Float64s], Float64s]  # weights of shape (n,) to metrics of shape (m,)
_LEVELS = 8192  # of scores; more distinct ones are rounded, by far less than an interval's width


def classification(labels: Numbers, probabilities: Floats) -> Statistic:
    """Return a function from weights of the rows to the metrics `CLASSIFICATION`.

    `ece` is the expected calibration error (`fm.calibration`). AUC is NaN for weights that leave
    one class only. Exact up to `_LEVELS` distinct probabilities.

    Args:
        labels: 0 or 1, shape (n,).
        probabilities: Of label 1, shape (n,).
    """
    positive = labels == 1
    levels = _levels(probabilities)
    cell = 2 * levels + positive
    cells = 2 * (int(levels.max()) + 1)
    p = probabilities.astype(np.float64)
    per_cell = _cell_means(_contributions(positive, p), cell, cells)
    bins = calibration.bin_of(_cell_means(p[:, None], cell, cells)[:, 0])

    def weighted(weights: Float64s) -> Float64s:
        drawn = np.asarray(np.bincount(cell, weights, cells), np.float64)
        total = drawn.sum()
        loss, right, hits, claimed = drawn @ per_cell[:, :4]
        f1 = 2 * hits / claimed if claimed else 0.0
        ece = np.abs(np.bincount(bins, drawn * per_cell[:, 4])).sum() / total
        return np.array([_auc(drawn[1::2], drawn[::2]), loss / total, right / total, f1, ece])

    return weighted


def regression(labels: Numbers, predictions: Floats) -> Statistic:
    """Return a function from weights of the rows to the metrics `REGRESSION`.

    Args:
        labels: The true values, shape (n,).
        predictions: The predicted values, shape (n,).
    """
    error = labels.astype(np.float64) - predictions
    columns = np.stack([error**2, np.abs(error)])

    def weighted(weights: Float64s) -> Float64s:
        squared, absolute = columns @ weights / weights.sum()
        return np.array([np.sqrt(squared), absolute])

    return weighted


def mean(values: Float64s) -> Statistic:
    """Return a function from weights of the rows to the weighted mean of each column.

    Args:
        values: Shape (n, m).
    """
    columns = np.ascontiguousarray(values.T)
    return lambda weights: np.asarray(columns @ weights / weights.sum())


def _levels(scores: Floats) -> Int64s:
    """Return the rank of each score among the distinct ones; equal scores share it."""
    distinct, levels = np.unique(scores, return_inverse=True)
    return levels.astype(np.int64) * min(_LEVELS, len(distinct)) // len(distinct)


def _contributions(positive: Bools, p: Float64s) -> Float64s:
    """Return what each row adds to the sums that make the metrics: shape (n, 5).

    The columns are log loss, whether the prediction is right, whether it is a true positive, the
    denominator of F1, and the calibration error with its sign.
    """
    eps = float(np.finfo(np.float32).eps)
    clipped = np.clip(p, eps, 1 - eps)
    loss = -np.log(np.where(positive, clipped, 1 - clipped))
    predicted = p >= 0.5
    claimed = predicted.astype(np.float64) + positive
    return np.column_stack(
        [loss, positive == predicted, positive & predicted, claimed, positive - p]
    )


def _cell_means(values: Float64s, cell: Int64s, cells: int) -> Float64s:
    """Return the mean of each column of `values` over each cell's rows; 0 without rows."""
    rows = np.maximum(np.bincount(cell, minlength=cells), 1)
    return np.stack([np.bincount(cell, column, cells) / rows for column in values.T], 1)


def _auc(positive: Float64s, negative: Float64s) -> float:
    pairs = positive.sum() * negative.sum()
    if not pairs:
        return float("nan")
    return float(positive @ (np.cumsum(negative) - negative / 2) / pairs)
