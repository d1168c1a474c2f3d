"""Items of each user, in two arrays that can be mapped into memory.

`<name>_items.npy` (int32) holds all users' items one user after the other, and `<name>_offsets.npy`
(users + 1, int64) where each user's begin. Users and items are indices of the vocabularies.
"""

from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from data_prep.arrays import Int32s, Int64s, Integers
from data_prep.errors import InputError

SEEN, HISTORY = (
    "seen",
    "history",
)  # the names: all items, and those that the user was positive about


class UserItems(NamedTuple):
    """The items of each user.

    Attributes:
        offsets: (users + 1,) where each user's items begin.
        items: all users' items, mapped from the file, in the order in which they were added.
    """

    offsets: Int64s
    items: Int32s

    @classmethod
    def load(cls, directory: Path, name: str) -> Self:
        """Open what `UserItemsWriter` wrote.

        Raises:
            InputError: a file is missing or damaged.
        """
        try:
            offsets = np.load(directory / _offsets_file(name))
            items = np.load(directory / _items_file(name), mmap_mode="r" if offsets[-1] else None)
        except (OSError, ValueError) as error:
            raise InputError(
                f"the {name} items cannot be read ({error})", file=str(directory)
            ) from None
        return cls(offsets, items)

    def of_user(self, user: int) -> Int32s:
        """Return the items of a user, as they were added."""
        return self.items[self.offsets[user] : self.offsets[user + 1]]


class UserItemsWriter:
    """Collects the items of each user, block by block."""

    def __init__(self, offsets: Int64s, items: Int32s) -> None:
        """Take where to write.

        Args:
            offsets: (users + 1,) where each user's items begin.
            items: (offsets[-1],) an array that is mapped to the file.
        """
        self._next = offsets.copy()  # where each user's next item goes
        self._items = items

    @classmethod
    def create(cls, directory: Path, name: str, counts: Int64s) -> Self:
        """Make the files for users with as many items (users,)."""
        offsets = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        np.save(directory / _offsets_file(name), offsets)
        items = np.lib.format.open_memmap(
            directory / _items_file(name), "w+", np.dtype("<i4"), (int(offsets[-1]),)
        )
        return cls(offsets, items)

    def add(self, users: Integers, items: Integers) -> None:
        """Add the users (n,) and items (n,) of rows, in their order; users must be known."""
        order = np.argsort(users, kind="stable")
        users, items = users[order], items[order]
        first = np.flatnonzero(np.diff(users, prepend=-1))
        counts = np.diff(first, append=len(users))
        within = np.arange(len(users)) - np.repeat(first, counts)
        self._items[self._next[users] + within] = items
        self._next[users[first]] += counts

    def close(self) -> None:
        """Write what is not on the disk yet."""
        if isinstance(self._items, np.memmap):
            self._items.flush()


def _offsets_file(name: str) -> str:
    return f"{name}_offsets.npy"


def _items_file(name: str) -> str:
    return f"{name}_items.npy"
