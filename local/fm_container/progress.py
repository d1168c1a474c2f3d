"""The metrics that the container reports while it trains and on the test channel.

Each batch's sums are float32, as MXNet's metrics hold them; totals over batches are double.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from fm.arrays import Float32s


class MetricValue(NamedTuple):
    """A metric as the log names it; `kind` is "score" or "loss"."""

    name: str
    kind: str
    value: float


class RunningMetrics(Protocol):
    """Averages over the rows so far."""

    def add(self, scores: Float32s, labels: Float32s, batch_size: int) -> None:
        """Add rows of whole batches; the last batch may be short.

        Args:
            scores: Raw scores, shape (n,).
            labels: Shape (n,).
            batch_size: Rows of a batch.
        """

    def values(self) -> Iterator[MetricValue]:
        """Yield the metrics of all rows added, in the order of the log."""


class BinaryMetrics:
    """Accuracy, cross entropy and F1 of a classifier's raw scores."""

    def __init__(self) -> None:
        self._rows = self._right = self._hits = self._claimed = 0
        self._entropy = 0.0

    def add(self, scores: Float32s, labels: Float32s, batch_size: int) -> None:
        """Add rows; see `RunningMetrics.add`."""
        predicted, positive = scores >= 0, labels > 0
        self._rows += len(scores)
        self._right += int(np.sum(predicted == positive))
        self._hits += int(np.sum(predicted & positive))
        self._claimed += int(np.sum(predicted)) + int(np.sum(positive))
        # -[y log p + (1 - y) log(1 - p)] in terms of the score, which cannot overflow
        softplus = np.maximum(scores, 0) + np.log1p(np.exp(-np.abs(scores)))
        self._entropy += _total(softplus - labels * scores, batch_size)

    def values(self) -> Iterator[MetricValue]:
        """Yield the three metrics."""
        accuracy, entropy = self._right / self._rows, self._entropy / self._rows
        f1 = 2 * self._hits / self._claimed if self._claimed else 0.0
        yield MetricValue("binary_classification_accuracy", "score", accuracy)
        yield MetricValue("binary_classification_cross_entropy", "loss", entropy)
        yield MetricValue("binary_f_1.000", "score", f1)


class RegressionMetrics:
    """Root mean squared error, mean squared error and mean absolute error."""

    def __init__(self) -> None:
        self._rows = 0
        self._squared = self._absolute = 0.0

    def add(self, scores: Float32s, labels: Float32s, batch_size: int) -> None:
        """Add rows; see `RunningMetrics.add`."""
        errors = labels - scores
        self._rows += len(scores)
        self._squared += _total(np.square(errors), batch_size)
        self._absolute += _total(np.abs(errors), batch_size)

    def values(self) -> Iterator[MetricValue]:
        """Yield the three metrics."""
        mse = self._squared / self._rows
        yield MetricValue("rmse", "loss", mse**0.5)
        yield MetricValue("mse", "loss", mse)
        yield MetricValue("absolute_loss", "loss", self._absolute / self._rows)


def new_metrics(binary: bool) -> RunningMetrics:
    """Return the metrics of a classifier or a regressor, of no rows yet."""
    return BinaryMetrics() if binary else RegressionMetrics()


def _total(terms: Float32s, batch_size: int) -> float:
    whole = len(terms) - len(terms) % batch_size
    sums = terms[:whole].reshape(-1, batch_size).sum(1, dtype=np.float32)
    return float(sums.sum(dtype=np.float64)) + float(terms[whole:].sum(dtype=np.float32))
