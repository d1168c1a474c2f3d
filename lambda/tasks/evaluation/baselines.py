"""What a new model is compared with: popularity, biases alone, and the model that is live."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fm.arrays import Bools, CsrRows, Float32s, Int64s
from fm.model import REGRESSOR, Model
from tasks.run.rows import Rows

_PRIOR_ROWS = 10  # an item seen less often than this counts as mostly average


def _unchanged(rows: CsrRows) -> CsrRows:
    return rows


@dataclass(frozen=True)
class Contender:
    """A model, and how this run's feature rows become rows in the columns of that model."""

    model: Model
    translate: Callable[[CsrRows], CsrRows] = _unchanged


def popularity(train: Rows, test: Rows, item_columns: Int64s) -> Float32s:
    """Score each test row by its item's mean training label, whoever the user is: shape (n,).

    Laplace-smoothed towards the mean of all labels: what a list of popular items would say.
    """
    mean = train.labels.mean(dtype=np.float64)
    items = train.features[:, item_columns]
    sums = np.asarray(items.T @ train.labels.astype(np.float64))
    counts = np.asarray(items.T @ np.ones(len(train.labels)))
    smoothed = (sums + _PRIOR_ROWS * mean) / (counts + _PRIOR_ROWS)
    # An item that training never saw has no column among these, and so the mean.
    above_mean = test.features[:, item_columns] @ (smoothed - mean)
    return np.asarray(mean + above_mean, np.float32)


def most_popular(train: Rows, liked: Bools, item_columns: Int64s) -> Model:
    """Return the model that ranks items by how many training rows `liked`, shape (n,), marks."""
    columns = np.zeros(train.features.shape[1], np.float32)
    counts = train.features[:, item_columns].T @ liked.astype(np.float64)
    columns[item_columns] = counts
    return Model(0.0, columns, np.zeros((len(columns), 1), np.float32), REGRESSOR)
