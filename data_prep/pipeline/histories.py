"""Each user's history, and which part of it stands for the user in a row.

A history is the items that a user was positive about in the training part, oldest first (by time,
if there are times, and of equals in the order of the file), each once, where it came first. The
test part has no say in it. A row sees a window of it: the most recent items, without its own; of a
split by time, only those that came before the row.
"""

from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data_prep.arrays import Bools, Float64s, Int32s, Int64s, Rows
from data_prep.pipeline.labelled_blocks import TEST
from data_prep.pipeline.spool import ITEM, LABEL, TIME, USER
from data_prep.settings import History

# Columns of a row: the window of its user's history, and the place of its own item there, or -1.
FROM, TO, OWN = "history_from", "history_to", "history_own"
COLUMNS = [(FROM, "<i4"), (TO, "<i4"), (OWN, "<i4")]
_STREAM = 4  # the random stream; split, shuffle and negatives have others


@dataclass(frozen=True, eq=False)
class Histories:
    """The histories of all users, by the codes of the spool.

    Attributes:
        starts: (users,) where each user's history begins in `items`.
        counts: (users,) its length.
        items: all histories, mapped from a file: 4 bytes for each positive of the training part,
            which the system keeps in memory as far as there is room.
    """

    starts: Int64s
    counts: Int32s
    items: Int32s


class _Sorted(NamedTuple):
    """The histories of a group of users, one after the other: (n,) each.

    Attributes:
        users, items: by code.
        times: zeros where there are none.
        within: the place in the user's history.
    """

    users: Int64s
    items: Int64s
    times: Float64s
    within: Int64s


class HistoryWriter:
    """Collects the histories group by group, and gives each row its window."""

    def __init__(
        self, path: Path, users: int, settings: History, seed: int, *, by_time: bool
    ) -> None:
        """Open the file.

        Args:
            path: the file of the histories.
            users: the number of different users.
            settings: how long a window is.
            seed: of the random numbers.
            by_time: whether a row sees only what came before it.
        """
        self._path = path
        self._file: FileIO = path.open("wb", buffering=0)
        self._starts = np.zeros(users, np.int64)
        self._counts = np.zeros(users, np.int32)
        self._written = 0
        self._settings = settings
        self._random = np.random.default_rng([seed, _STREAM])
        self._by_time = by_time

    def add(self, rows: Rows) -> None:
        """Add the histories of some users, and fill the columns FROM, TO and OWN.

        Args:
            rows: (n,) all rows of these users, in order.
        """
        histories = _histories(rows)
        self._file.write(histories.items.astype("<i4").tobytes())
        users, first, counts = np.unique(histories.users, return_index=True, return_counts=True)
        self._starts[users] = self._written + first
        self._counts[users] = counts
        self._written += len(histories.items)
        rows[OWN] = _places(rows, histories)
        rows[TO] = self._counts[rows[USER]]
        if self._by_time:
            training = ~rows[TEST]
            rows[TO][training] = _earlier(rows[training], histories)
        self._set_windows(rows)

    def close(self) -> Histories:
        """Return the histories of all users."""
        self._file.close()
        mapped: Any = np.memmap(self._path, "<i4", "r") if self._written else []
        return Histories(self._starts, self._counts, np.asarray(mapped, np.int32))

    def _set_windows(self, rows: Rows) -> None:
        to, own = rows[TO], rows[OWN]
        has_own = (own >= 0) & (own < to)
        lengths = np.minimum(to - has_own, self._settings.most)
        positive = (rows[LABEL] == 1) & ~rows[TEST]
        short = positive & (self._random.random(len(rows)) < self._settings.shortened)
        drawn = 1 + np.floor(self._random.random(len(rows)) * lengths).astype(np.int32)
        lengths = np.where(short, np.minimum(drawn, lengths), lengths)
        start = to - lengths
        rows[FROM] = start - (has_own & (own >= start))  # one further back for the row's own


def _histories(rows: Rows) -> _Sorted:
    liked = rows[(rows[LABEL] == 1) & ~rows[TEST]]
    times = liked[TIME] if TIME in (rows.dtype.names or ()) else np.zeros(len(liked))
    order = np.lexsort((times, liked[USER]))  # stable
    users, items = (liked[name][order].astype(np.int64) for name in (USER, ITEM))
    _, first = np.unique(_keys(users, items), return_index=True)
    kept = np.sort(first)
    users = users[kept]
    begin = np.flatnonzero(np.diff(users, prepend=-1))
    within = np.arange(len(users)) - np.repeat(begin, np.diff(begin, append=len(users)))
    return _Sorted(users, items[kept], times[order][kept], within)


def _places(rows: Rows, histories: _Sorted) -> Int64s:
    """Return the place (n,) of each row's item in its user's history; -1 if it is not there."""
    keys = _keys(histories.users, histories.items)
    if not len(keys):
        return np.full(len(rows), -1)
    order = np.argsort(keys)
    wanted = _keys(rows[USER].astype(np.int64), rows[ITEM])
    found = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    present: Bools = keys[found] == wanted
    return np.where(present, histories.within[found], -1)


def _earlier(rows: Rows, histories: _Sorted) -> Int64s:
    """Return how many items (n,) of its user's history are older than each row."""
    times = np.unique(histories.times)
    of_history = _keys(histories.users, np.searchsorted(times, histories.times))
    users = rows[USER].astype(np.int64)
    of_rows = _keys(users, np.searchsorted(times, rows[TIME]))  # the first that is not older
    begin = np.searchsorted(histories.users, users)
    return np.searchsorted(of_history, of_rows) - begin


def _keys(users: Int64s, numbers: Any) -> Int64s:
    """Return integers that order as the pairs do; the numbers are below 2 ** 31."""
    return np.asarray((users << 31) + numbers, np.int64)
