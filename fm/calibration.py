"""Whether probabilities mean what they say: of rows scored 0.7, 70 % should have label 1."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
BINS = 15  # of equal width, as in Guo et al. (2017), On Calibration of Modern Neural Networks


@dataclass(frozen=True, eq=False)
class Reliability:
    """Of each bin that holds rows: its mean probability, its share of label 1, its rows."""

    predicted: npt.NDArray[np.float64]
    observed: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64]


def bin_of(probabilities: Array) -> npt.NDArray[np.int64]:
    """The bin of each probability: 0 to `BINS` - 1, each closed below and the last above too."""
    return np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)


def reliability(labels: Array, probabilities: Array) -> Reliability:
    """What each bin of probabilities, shape (n,), promises and what its labels, 0 and 1, hold."""
    bins = bin_of(probabilities)
    rows = np.bincount(bins, minlength=BINS)
    filled = rows > 0
    predicted = np.bincount(bins, probabilities.astype(np.float64), BINS)[filled] / rows[filled]
    observed = np.bincount(bins, labels.astype(np.float64), BINS)[filled] / rows[filled]
    return Reliability(predicted, observed, rows[filled])


def expected_calibration_error(labels: Array, probabilities: Array) -> float:
    """Mean distance of promised and observed share over the bins, weighted by their rows."""
    found = reliability(labels, probabilities)
    return float(np.abs(found.predicted - found.observed) @ found.rows / found.rows.sum())
