"""What a new model is compared with: popularity, biases alone, and the model that is live."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fm.model import REGRESSOR, Model

_PRIOR_ROWS = 10  # an item seen less often than this counts as mostly average
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Rows:
    """Feature rows (CSR float32, shape (n, d)) and their labels (float32, shape (n,))."""

    features: Any
    labels: Floats


def _unchanged(rows: Any) -> Any:
    return rows


@dataclass(frozen=True)
class Contender:
    """A model, and how the run's feature rows become its own."""

    model: Model
    translate: Callable[[Any], Any] = _unchanged


def popularity(train: Rows, test: Rows, item_columns: npt.NDArray[np.int64]) -> Floats:
    """Score each test row by its item's mean training label, whoever the user is: shape (n,).

    Laplace-smoothed towards the mean of all labels: what a list of popular items would say.
    """
    mean = train.labels.mean(dtype=np.float64)
    items = train.features[:, item_columns]
    sums = items.T @ train.labels.astype(np.float64)
    counts = items.T @ np.ones(len(train.labels))
    smoothed = (sums + _PRIOR_ROWS * mean) / (counts + _PRIOR_ROWS)
    # An item that training never saw has no column among these, and so the mean.
    above_mean = test.features[:, item_columns] @ (smoothed - mean)
    return np.asarray(mean + above_mean, np.float32)


def most_popular(train: Rows, liked: Any, item_columns: npt.NDArray[np.int64]) -> Model:
    """The model that ranks items by how many training rows `liked` (bool, shape (n,)) marks."""
    columns = np.zeros(train.features.shape[1], np.float32)
    counts = train.features[:, item_columns].T @ liked.astype(np.float64)
    columns[item_columns] = counts
    return Model(0.0, columns, np.zeros((len(columns), 1), np.float32), REGRESSOR)
