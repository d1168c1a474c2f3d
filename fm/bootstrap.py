"""How far a metric would move had other rows been held out: percentile bootstrap, paired.

Every resample draws as many rows as there are, with replacement, and all systems get the same
ones, so that a difference of two systems has an interval of its own (Efron and Tibshirani, 1993,
An Introduction to the Bootstrap, chapter 13).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fm.arrays import Float64s
from fm.weighted_metrics import Statistic

LEVEL = 0.95
_MOST, _FEWEST = 1000, 200
_ROWS_DRAWN = 100_000_000  # of all resamples: keeps 100,000 rows within seconds


class Interval(NamedTuple):
    """The ends of a 95 % interval."""

    low: float
    high: float


def resamples(rows: int) -> int:
    """Return the number of resamples for `rows` rows: enough for an interval's ends."""
    return max(_FEWEST, min(_MOST, _ROWS_DRAWN // max(1, rows)))


def replicates(
    statistics: Mapping[str, Statistic], rows: int, seed: int = 42
) -> dict[str, Float64s]:
    """Compute each system's metrics on the same resamples of the rows.

    Args:
        statistics: System -> function from weights of the rows, float64, shape (rows,), to its
            metrics, shape (metrics,).
        rows: Number of rows, at least 1.
        seed: Of the random numbers.

    Returns:
        System -> its metrics, shape (resamples, metrics).
    """
    rng = np.random.default_rng(seed)
    values: dict[str, list[Float64s]] = {system: [] for system in statistics}
    for _ in range(resamples(rows)):
        drawn = rng.integers(rows, size=rows, dtype=np.int64)
        weights = np.bincount(drawn, minlength=rows).astype(np.float64)
        for system, statistic in statistics.items():
            values[system].append(statistic(weights))
    return {system: np.array(each) for system, each in values.items()}


def intervals(replicated: Float64s) -> list[Interval]:
    """Return the 95 % interval of each metric.

    A resample for which a metric is not defined (NaN) does not count; a metric that no resample
    defines has an interval of NaN.

    Args:
        replicated: One system's metrics, shape (resamples, metrics), as `replicates` returns
            them, or the difference of two systems'.

    Returns:
        One interval per metric.
    """
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    return [_interval(column[~np.isnan(column)], tails) for column in replicated.T]


def _interval(values: Float64s, tails: list[float]) -> Interval:
    if not len(values):
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(values, tails)
    return Interval(float(low), float(high))
