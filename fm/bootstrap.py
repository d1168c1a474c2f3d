"""How far a metric would move had other rows been held out: percentile bootstrap, paired.

Every resample draws as many rows as there are, with replacement, and gives all systems the same
ones, so that a difference of two systems has an interval of its own (Efron and Tibshirani, 1993,
An Introduction to the Bootstrap, chapter 13).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fm.weighted_metrics import Statistic

LEVEL = 0.95
_MOST, _FEWEST = 1000, 200
_ROWS_DRAWN = 100_000_000  # of all resamples: keeps 100,000 rows within seconds
Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """The ends of a 95 % interval."""

    low: float
    high: float


def resamples(rows: int) -> int:
    """How many resamples `rows` rows get: enough for the interval's ends, fewer of many rows."""
    return max(_FEWEST, min(_MOST, _ROWS_DRAWN // max(1, rows)))


def replicates(statistics: Mapping[str, Statistic], rows: int, seed: int = 42) -> dict[str, Floats]:
    """Each system's metrics on the same resamples of `rows` rows: shape (resamples, metrics)."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[Floats]] = {name: [] for name in statistics}
    for _ in range(resamples(rows)):
        drawn = rng.integers(rows, size=rows, dtype=np.int64)
        weights = np.bincount(drawn, minlength=rows).astype(np.float64)
        for name, statistic in statistics.items():
            found[name].append(statistic(weights))
    return {name: np.array(values) for name, values in found.items()}


def intervals(replicated: Floats) -> list[Interval]:
    """The 95 % interval of each column of `replicated`, shape (resamples, metrics).

    A resample for which a metric is not defined (NaN) does not count; a metric that no resample
    defines has an interval of NaN.
    """
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    return [_interval(column[~np.isnan(column)], tails) for column in replicated.T]


def _interval(values: Floats, tails: list[float]) -> Interval:
    if not len(values):
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(values, tails)
    return Interval(float(low), float(high))
