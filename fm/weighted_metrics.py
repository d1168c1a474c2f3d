"""Metrics of weighted rows, quick to compute again for other weights of the same rows.

With all weights one they equal `fm.metrics`. A bootstrap resample of the rows is such a weight:
how often it drew each row. Rows of one label and (nearly) one score differ in nothing that counts
and share a cell; the work of each resample is to count its cells.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fm import calibration

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CLASSIFICATION = ("auc", "log_loss", "accuracy", "f1", "ece")
REGRESSION = ("rmse", "mae")
Statistic = Callable[[Array], Floats]  # weights of shape (n,) to metrics of shape (m,)
_LEVELS = 8192  # of scores; more distinct ones are rounded, by far less than an interval's width


def classification(labels: Array, probabilities: Array) -> Statistic:
    """The metrics `CLASSIFICATION` of labels 0 and 1 and probabilities, both of shape (n,).

    `ece` is the expected calibration error (`fm.calibration`). AUC is NaN for weights that leave
    one class only. Exact up to `_LEVELS` distinct probabilities.
    """
    positive = labels == 1
    levels = _levels(probabilities)
    cell = 2 * levels + positive
    cells = 2 * (int(levels.max()) + 1)
    p = probabilities.astype(np.float64)
    per_cell = _means(_rows(positive, p), cell, cells)
    bins = calibration.bin_of(_means(p[:, None], cell, cells)[:, 0])

    def metrics(weights: Array) -> Floats:
        drawn = np.asarray(np.bincount(cell, weights, cells), np.float64)
        total = drawn.sum()
        loss, right, hits, claimed = drawn @ per_cell[:, :4]
        f1 = 2 * hits / claimed if claimed else 0.0
        ece = np.abs(np.bincount(bins, drawn * per_cell[:, 4])).sum() / total
        return np.array([_auc(drawn[1::2], drawn[::2]), loss / total, right / total, f1, ece])

    return metrics


def regression(labels: Array, predictions: Array) -> Statistic:
    """The metrics `REGRESSION` of labels and predictions, both of shape (n,)."""
    error = labels.astype(np.float64) - predictions
    columns = np.stack([error**2, np.abs(error)])

    def metrics(weights: Array) -> Floats:
        squared, absolute = columns @ weights / weights.sum()
        return np.array([np.sqrt(squared), absolute])

    return metrics


def mean(values: Array) -> Statistic:
    """The weighted mean of each column of `values`, shape (n, m)."""
    columns = np.ascontiguousarray(values.T)
    return lambda weights: np.asarray(columns @ weights / weights.sum())


def _levels(scores: Array) -> Ints:
    """The place of each score among the distinct ones, in order; equal scores share it."""
    distinct, levels = np.unique(scores, return_inverse=True)
    return levels.astype(np.int64) * min(_LEVELS, len(distinct)) // len(distinct)


def _rows(positive: npt.NDArray[np.bool_], p: Floats) -> Floats:
    """Log loss, whether right, whether a hit, F1's denominator, and what calibration is off by."""
    eps = float(np.finfo(np.float32).eps)
    clipped = np.clip(p, eps, 1 - eps)
    loss = -np.log(np.where(positive, clipped, 1 - clipped))
    predicted = p >= 0.5
    claimed = predicted.astype(np.float64) + positive
    return np.column_stack(
        [loss, positive == predicted, positive & predicted, claimed, positive - p]
    )


def _means(values: Floats, cell: Ints, cells: int) -> Floats:
    """The mean of each column of `values` over the rows of each cell; 0 for one without rows."""
    rows = np.maximum(np.bincount(cell, minlength=cells), 1)
    return np.stack([np.bincount(cell, column, cells) / rows for column in values.T], 1)


def _auc(positive: Floats, negative: Floats) -> float:
    pairs = positive.sum() * negative.sum()
    if not pairs:
        return float("nan")
    return float(positive @ (np.cumsum(negative) - negative / 2) / pairs)
