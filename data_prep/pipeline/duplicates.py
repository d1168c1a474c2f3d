"""Rows of the same user and item made one: the last of them, or the last with the sum of labels."""

from pathlib import Path

import numpy as np

from data_prep.pipeline.fields import ITEM, USER
from data_prep.pipeline.spool import LABEL, TIME, Rows, Spool, by_user


def merged(spool: Spool, path: Path, summed: bool) -> Spool:
    """A spool at `path` with one row for each user and item; the order of a user's rows stays.

    The last row is that of the latest time, if there are times, and of equals the last in order.
    The given spool is gone then.
    """
    result = Spool(path, spool.dtype)
    for rows in by_user(spool, USER):
        result.append(_merge(rows, summed))
    result.close()
    spool.remove()
    return result


def with_threshold(spool: Spool, path: Path, positive_at_least: float) -> Spool:
    """A spool at `path` with label 1 where it was at least the threshold, and 0 elsewhere.

    The given spool is gone then.
    """
    result = Spool(path, spool.dtype)
    for rows in spool.blocks():
        rows[LABEL] = rows[LABEL] >= positive_at_least
        result.append(rows)
    result.close()
    spool.remove()
    return result


def _merge(rows: Rows, summed: bool) -> Rows:
    timed = TIME in (rows.dtype.names or ())
    time = (rows[TIME],) if timed else ()
    order = np.lexsort((*time, rows[ITEM], rows[USER]))
    user, item = rows[USER][order], rows[ITEM][order]
    changes = (np.diff(user) != 0) | (np.diff(item) != 0)
    first = np.flatnonzero(np.concatenate([[True], changes]))
    last = order[np.append(first[1:], len(order)) - 1]
    if summed:
        rows[LABEL][last] = np.add.reduceat(rows[LABEL][order], first)
    kept: Rows = rows[np.sort(last)]
    return kept
