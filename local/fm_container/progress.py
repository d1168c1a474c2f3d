"""The metrics that the container reports while it trains and on the test channel.

Each batch's sums are float32, as MXNet's metrics hold them; totals over batches are double.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from local.fm_container.engine.batches import FloatArray

Named = Iterator[tuple[str, str, float]]  # name, kind ("score" or "loss"), value


class Metrics(Protocol):
    """Running averages over the rows seen."""

    def add(self, scores: FloatArray, labels: FloatArray, batch_size: int) -> None:
        """Take in rows of whole batches: raw scores and labels, float32, (n,)."""

    def values(self) -> Named:
        """The metrics of all rows taken in, in the order of the log."""


class BinaryMetrics:
    """Accuracy, cross entropy and F1 of a classifier's raw scores."""

    def __init__(self) -> None:
        self._rows = self._right = self._hits = self._claimed = 0
        self._entropy = 0.0

    def add(self, scores: FloatArray, labels: FloatArray, batch_size: int) -> None:
        """Take in rows."""
        predicted, positive = scores >= 0, labels > 0
        self._rows += len(scores)
        self._right += int(np.sum(predicted == positive))
        self._hits += int(np.sum(predicted & positive))
        self._claimed += int(np.sum(predicted)) + int(np.sum(positive))
        # -[y log p + (1 - y) log(1 - p)] in terms of the score, which cannot overflow
        softplus = np.maximum(scores, 0) + np.log1p(np.exp(-np.abs(scores)))
        self._entropy += _total(softplus - labels * scores, batch_size)

    def values(self) -> Named:
        """The three metrics."""
        yield "binary_classification_accuracy", "score", self._right / self._rows
        yield "binary_classification_cross_entropy", "loss", self._entropy / self._rows
        yield "binary_f_1.000", "score", 2 * self._hits / self._claimed if self._claimed else 0.0


class RegressionMetrics:
    """Root mean squared error, mean squared error and mean absolute error."""

    def __init__(self) -> None:
        self._rows = 0
        self._squared = self._absolute = 0.0

    def add(self, scores: FloatArray, labels: FloatArray, batch_size: int) -> None:
        """Take in rows."""
        errors = labels - scores
        self._rows += len(scores)
        self._squared += _total(np.square(errors), batch_size)
        self._absolute += _total(np.abs(errors), batch_size)

    def values(self) -> Named:
        """The three metrics."""
        mean = self._squared / self._rows
        yield "rmse", "loss", mean**0.5
        yield "mse", "loss", mean
        yield "absolute_loss", "loss", self._absolute / self._rows


def metrics(binary: bool) -> Metrics:
    """Fresh metrics for a classifier or a regressor."""
    return BinaryMetrics() if binary else RegressionMetrics()


def _total(terms: FloatArray, batch_size: int) -> float:
    whole = len(terms) - len(terms) % batch_size
    sums = terms[:whole].reshape(-1, batch_size).sum(1, dtype=np.float32)
    return float(sums.sum(dtype=np.float64)) + float(terms[whole:].sum(dtype=np.float32))
