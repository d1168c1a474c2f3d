"""Histories to features: n items weigh 1 / sqrt(n) each (as in SVD++: Koren, 2008)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from data_prep.arrays import Bools, CsrRows, Float32s, Int32s, Int64s, Integers, Rows
from data_prep.pipeline.features import Entries
from data_prep.pipeline.histories import FROM, OWN, TO, Histories
from data_prep.pipeline.spool import USER

_HIGH = np.int64(32)  # bits of a column in a sort key


@dataclass(frozen=True, eq=False)
class HistoryEncoder:
    """Encodes the window of each row.

    Attributes:
        histories: of all users.
        columns: (codes,) the feature column of each item's code; -1 for an unknown item.
    """

    histories: Histories
    columns: Int32s

    def entries(self, rows: Rows) -> Entries:
        """Return the field's entries of the rows (n,)."""
        starts = self.histories.starts[rows[USER]]
        first, lengths = starts + rows[FROM], rows[TO] - rows[FROM]
        places = ranges(first, lengths)
        row_of = np.repeat(np.arange(len(rows)), lengths)
        columns = self.columns[self.histories.items[places]]
        own = np.where(rows[OWN] < 0, -1, starts + rows[OWN])
        kept: Bools = (columns >= 0) & (places != own[row_of])
        return Entries(*_weighted(row_of[kept], columns[kept], len(rows)))


def history_rows(histories: Sequence[Int64s], start: int, most: int, feature_dim: int) -> CsrRows:
    """Return rows (n, feature_dim) that hold histories alone.

    Args:
        histories: (n,) item indices, oldest first, each once.
        start: the feature column of item 0.
        most: the most recent items that count.
        feature_dim: the number of feature columns.
    """
    newest = [history[-most:] for history in histories]
    lengths = [len(history) for history in newest]
    row_of = np.repeat(np.arange(len(newest)), lengths)
    columns = start + np.concatenate([*newest, np.empty(0, np.int64)])
    columns, weights, counts = _weighted(row_of, columns, len(newest))
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return sp.csr_array((weights, columns, indptr), shape=(len(newest), feature_dim))


def ranges(first: Integers, lengths: Integers) -> Int64s:
    """Return first, first + 1, ... of each of n ranges, one after the other."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(first - (ends - lengths), lengths) + np.arange(total)


def _weighted(row_of: Int64s, columns: Integers, rows: int) -> tuple[Int32s, Float32s, Int64s]:
    """Return columns and weights of the entries, row by row, and the entries of each row."""
    keys = np.sort((row_of << _HIGH) + columns)  # the columns of each row in order
    counts = np.bincount(row_of, minlength=rows)
    weights = (1 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    columns_of_rows = (keys & ((1 << _HIGH) - 1)).astype(np.int32)
    return columns_of_rows, np.repeat(weights, counts), counts
