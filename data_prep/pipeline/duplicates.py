"""Rows of the same user and item made one: the last of them, or the last with the sum of labels."""

from pathlib import Path

import numpy as np

from data_prep.arrays import Rows
from data_prep.pipeline.spool import ITEM, LABEL, TIME, USER, Spool, groups_of_users


def merge_duplicates(spool: Spool, path: Path, *, sum_labels: bool) -> Spool:
    """Move rows to a new spool with one row for each user and item, in the order of each user.

    The last row is that of the latest time, if there are times, and of equals the last in order.

    Args:
        spool: the rows; it is removed.
        path: the file of the new spool.
        sum_labels: whether the row gets the sum of the labels, or keeps its own.
    """
    merged = Spool.create(path, spool.dtype)
    for rows in groups_of_users(spool):
        merged.append(_merge(rows, sum_labels=sum_labels))
    merged.close()
    spool.remove()
    return merged


def apply_threshold(spool: Spool, path: Path, positive_at_least: float) -> Spool:
    """Move rows to a new spool with label 1 where it was at least the threshold, else 0.

    Args:
        spool: the rows; it is removed.
        path: the file of the new spool.
        positive_at_least: the threshold.
    """
    labelled = Spool.create(path, spool.dtype)
    for rows in spool.blocks():
        rows[LABEL] = rows[LABEL] >= positive_at_least
        labelled.append(rows)
    labelled.close()
    spool.remove()
    return labelled


def _merge(rows: Rows, *, sum_labels: bool) -> Rows:
    timed = TIME in (rows.dtype.names or ())
    time = (rows[TIME],) if timed else ()
    order = np.lexsort((*time, rows[ITEM], rows[USER]))
    user, item = rows[USER][order], rows[ITEM][order]
    changes = (np.diff(user) != 0) | (np.diff(item) != 0)
    first = np.flatnonzero(np.concatenate([[True], changes]))
    last = order[np.append(first[1:], len(order)) - 1]
    if sum_labels:
        rows[LABEL][last] = np.add.reduceat(rows[LABEL][order], first)
    kept: Rows = rows[np.sort(last)]
    return kept
