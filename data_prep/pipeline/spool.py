"""The interactions on disk as rows of fixed size: read as often as needed, never all at once.

A text becomes its code, the number of different texts that came before it in its field; numbers
stay numbers. Blocks have a fixed number of rows, so that no later step depends on how the input
was cut into batches.
"""

from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_prep.arrays import Int32s, Int64s, Integers, Rows

BLOCK_ROWS = 1 << 18
MOST_BUCKETS = 500  # files open at once
BUCKET_ROWS = 1 << 22  # held in memory at once, where rows must be brought together
LABEL, TIME, USER, ITEM = "label", "time", "user", "item"  # columns of a row


class TextCodes:
    """The texts of a field, numbered in order of first appearance."""

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._code_of)

    @property
    def texts(self) -> list[str]:
        """The texts, in the order of their codes."""
        return list(self._code_of)

    @property
    def ranks(self) -> Int64s:
        """The place (codes,) of each text among all of them in the order of their bytes.

        What is drawn by rank does not depend on which text came first, and so not on the rows in
        between, such as those of the test part.
        """
        ranks = np.empty(len(self), np.int64)
        order = pc.sort_indices(pa.array(self.texts, pa.string()))
        ranks[order.to_numpy()] = np.arange(len(self))
        return ranks

    def encode(self, column: pa.DictionaryArray) -> Int32s:
        """Return the codes (n,) of a dictionary-encoded column of strings without nulls."""
        code_of = self._code_of
        codes = [code_of.setdefault(text, len(code_of)) for text in column.dictionary.to_pylist()]
        indices: Int32s = column.indices.to_numpy(zero_copy_only=False)
        return np.array(codes, np.int32)[indices]

    def find(self, column: pa.DictionaryArray) -> Int32s:
        """Return the codes (n,) of such a column; for a text without one, the number of codes."""
        code_of, none = self._code_of, len(self._code_of)
        codes = [code_of.get(text, none) for text in column.dictionary.to_pylist()]
        indices: Int32s = column.indices.to_numpy(zero_copy_only=False)
        return np.array(codes, np.int32)[indices]


class Spool:
    """Rows of one structured dtype in a file.

    Attributes:
        path: the file.
        dtype: the dtype of a row.
        rows: the number of rows.
    """

    def __init__(self, path: Path, dtype: np.dtype[Any], file: FileIO) -> None:
        self.path = path
        self.dtype = dtype
        self.rows = 0
        self._file = file

    @classmethod
    def create(cls, path: Path, dtype: np.dtype[Any]) -> Self:
        """Open a new file for rows of `dtype`."""
        return cls(path, dtype, path.open("wb", buffering=0))

    def append(self, rows: Rows) -> None:
        """Write rows (n,) after those that are there."""
        self._file.write(np.ascontiguousarray(rows).view(np.uint8).data)
        self.rows += len(rows)

    def blocks(self) -> Iterator[Rows]:
        """Read all rows, BLOCK_ROWS at a time."""
        with self.path.open("rb", buffering=0) as file:
            for _ in range(0, self.rows, BLOCK_ROWS):
                yield np.fromfile(file, self.dtype, BLOCK_ROWS)

    def take(self) -> Rows:
        """Read all rows at once, and remove the file."""
        self._file.close()
        rows: Rows = np.fromfile(self.path, self.dtype)
        self.remove()
        return rows

    def close(self) -> None:
        """End the writing; the rows can be read."""
        self._file.close()

    def remove(self) -> None:
        """Remove the file."""
        self.close()
        self.path.unlink()


def groups_of_users(spool: Spool, copies: int = 1, ranks: Integers | None = None) -> Iterator[Rows]:
    """Read all rows in groups that hold all rows of their users, in order.

    Args:
        spool: the rows; the groups are kept in files beside its own.
        ranks: (users,) a number for each user, which decides on the group; None: the code.
        copies: as many rows as will be made of one: a group then has about BUCKET_ROWS of them,
            and more if there are very many rows.
    """
    count = min(-(-spool.rows * copies // BUCKET_ROWS), MOST_BUCKETS)
    paths = [spool.path.with_name(f"users-{number}") for number in range(count)]
    buckets = [Spool.create(path, spool.dtype) for path in paths]
    for block in spool.blocks():
        group = (block[USER] if ranks is None else ranks[block[USER]]) % count
        for number, bucket in enumerate(buckets):
            bucket.append(block[group == number])
    for bucket in buckets:
        rows = bucket.take()
        if len(rows):
            yield rows


def row_dtype(coded: dict[str, bool], *, timed: bool) -> np.dtype[Any]:
    """Return the dtype of a row.

    Args:
        coded: whether a field is stored as codes (int32) or numbers (float64), by its key.
        timed: whether there is a time (float64, seconds since 1970).
    """
    parts: list[tuple[str, str]] = [(LABEL, "<f8")]
    parts += [(TIME, "<f8")] if timed else []
    parts += [(key, "<i4" if is_code else "<f8") for key, is_code in coded.items()]
    return np.dtype(parts)
