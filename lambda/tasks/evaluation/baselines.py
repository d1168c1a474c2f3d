"""What a new model's scores are compared with: the popularity of the items, and biases alone."""

import numpy as np

from fm.arrays import Bools, Float32s, Int64s
from tasks.run.rows import Rows

_PRIOR_ROWS = 10  # an item seen less often than this counts as mostly average


def popularity(train: Rows, test: Rows, items: slice) -> Float32s:
    """Score each test row by its item's mean training label, whoever the user is: shape (n,).

    Laplace-smoothed towards the mean of all labels: what a list of popular items would say.

    Args:
        train: the training rows.
        test: the rows to score.
        items: the columns of the items that training knows.
    """
    mean = train.labels.mean(dtype=np.float64)
    in_train = train.features[:, items]
    sums = np.asarray(in_train.T @ train.labels.astype(np.float64))
    counts = np.asarray(in_train.T @ np.ones(len(train.labels)))
    smoothed = (sums + _PRIOR_ROWS * mean) / (counts + _PRIOR_ROWS)
    # An item that training never saw has no column among these, and so the mean.
    above_mean = test.features[:, items] @ (smoothed - mean)
    return np.asarray(mean + above_mean, np.float32)


def item_likes(train: Rows, liked: Bools, items: slice) -> Int64s:
    """Return how many of the training rows that `liked`, shape (n,), marks each item has.

    Args:
        train: the training rows.
        liked: which of them say that the item was liked.
        items: the columns of the items that training knows.
    """
    counts = train.features[:, items].T @ liked.astype(np.float64)
    return np.rint(counts).astype(np.int64)
