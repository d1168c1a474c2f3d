"""Whether probabilities mean what they say: of rows scored 0.7, 70 % should have label 1."""

from dataclasses import dataclass

import numpy as np

from fm.arrays import Float64s, Floats, Int64s, Numbers

BINS = 15  # of equal width, as in Guo et al. (2017), On Calibration of Modern Neural Networks


@dataclass(frozen=True, eq=False)
class Reliability:
    """The points of a reliability diagram, one for each bin that holds rows.

    Attributes:
        predicted: Mean probability of the bin's rows, shape (bins,).
        observed: Share of the bin's rows with label 1, shape (bins,).
        rows: Number of rows in the bin, shape (bins,).
    """

    predicted: Float64s
    observed: Float64s
    rows: Int64s


def bin_of(probabilities: Floats) -> Int64s:
    """Return the bin of each probability, 0 to `BINS` - 1.

    A bin is closed below and open above; the last one holds probability 1 as well.

    Args:
        probabilities: From 0 to 1, shape (n,).

    Returns:
        The bins, shape (n,).
    """
    return np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)


def reliability(labels: Numbers, probabilities: Floats) -> Reliability:
    """Return the mean probability and the share of label 1 in each bin of probabilities.

    Args:
        labels: 0 or 1, shape (n,).
        probabilities: Of label 1, shape (n,).
    """
    bins = bin_of(probabilities)
    rows = np.bincount(bins, minlength=BINS)
    filled = rows > 0
    predicted = np.bincount(bins, probabilities.astype(np.float64), BINS)[filled] / rows[filled]
    observed = np.bincount(bins, labels.astype(np.float64), BINS)[filled] / rows[filled]
    return Reliability(predicted, observed, rows[filled])


def expected_calibration_error(labels: Numbers, probabilities: Floats) -> float:
    """Return the mean distance of probability and share of label 1 over the bins.

    Bins count by their number of rows.

    Args:
        labels: 0 or 1, shape (n,), n at least 1.
        probabilities: Of label 1, shape (n,).
    """
    points = reliability(labels, probabilities)
    return float(np.abs(points.predicted - points.observed) @ points.rows / points.rows.sum())
