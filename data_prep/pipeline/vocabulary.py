"""The ids that training knows, in the order of their columns, and the items of each user."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_prep.errors import InputError

DIRECTORY = "vocabulary"
_SEEN_OFFSETS, _SEEN_ITEMS = "seen_offsets.npy", "seen_items.npy"


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The known values of a categorical field, the most frequent in training first.

    values, counts (known,): the values and their training rows; place_of_code (codes,): for each
    code of the spool the place in `values`, or len(values) if training does not know it.
    """

    values: list[str]
    counts: NDArray[np.int64]
    place_of_code: NDArray[np.int32]

    def save(self, path: Path) -> None:
        pq.write_table(
            pa.table({"value": pa.array(self.values, pa.string()), "count": self.counts}), path
        )


def fit(values: list[str], counts: NDArray[np.int64], min_count: int) -> Vocabulary:
    """The values (codes,) that have at least `min_count` (>= 1) of the training rows.

    Ordered by falling count, then by value, so that nothing but the training rows decides.
    """
    known = np.flatnonzero(counts >= min_count).tolist()
    known.sort(key=lambda code: (-counts[code], values[code]))
    place_of_code = np.full(len(values), len(known), np.int32)
    place_of_code[known] = np.arange(len(known), dtype=np.int32)
    return Vocabulary([values[code] for code in known], counts[known], place_of_code)


def load(path: Path) -> tuple[list[str], NDArray[np.int64]]:
    """The values and counts that `Vocabulary.save` wrote; raises InputError if it cannot."""
    table = read_table(path)
    return table.column("value").to_pylist(), table.column("count").to_numpy()


def read_table(path: Path) -> Any:
    """A Parquet file of vocabulary/; raises InputError if it cannot be read."""
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"the vocabulary cannot be read ({error})", file=str(path)) from None


class SeenItems:
    """Collects, block by block, which items each user has in training.

    On disk as two arrays: `seen_items.npy` (int32), all users' items one user after the other, and
    `seen_offsets.npy` (users + 1, int64), where each user's begin. Both are in places of the
    vocabularies, and can be mapped into memory.
    """

    def __init__(self, directory: Path, counts: NDArray[np.int64]) -> None:
        self._next = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=self._next[1:])
        np.save(directory / _SEEN_OFFSETS, self._next)
        self._items: Any = np.lib.format.open_memmap(
            directory / _SEEN_ITEMS, "w+", np.dtype("<i4"), (int(self._next[-1]),)
        )

    def add(self, users: NDArray[np.int32], items: NDArray[np.int32]) -> None:
        """Rows of known users; an item outside the vocabulary has the place after its last."""
        order = np.argsort(users, kind="stable")
        users, items = users[order], items[order]
        first = np.flatnonzero(np.diff(users, prepend=-1))
        counts = np.diff(first, append=len(users))
        within = np.arange(len(users)) - np.repeat(first, counts)
        self._items[self._next[users] + within] = items
        self._next[users[first]] += counts

    def close(self) -> None:
        self._items.flush()


def load_seen(directory: Path) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Offsets (users + 1,) and items, the latter mapped from the file."""
    try:
        offsets = np.load(directory / _SEEN_OFFSETS)
        return offsets, np.load(directory / _SEEN_ITEMS, mmap_mode="r" if offsets[-1] else None)
    except (OSError, ValueError) as error:
        raise InputError(f"the seen items cannot be read ({error})", file=str(directory)) from None
