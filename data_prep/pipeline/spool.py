"""The interactions on disk as fixed-size rows of codes: read as often as needed, never all at once.

A text becomes its code, the number of different texts that came before it in its field; numbers
stay numbers. Blocks have a fixed number of rows, so that nothing downstream depends on how the
input was cut into chunks.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BLOCK_ROWS = 1 << 18
MOST_BUCKETS = 500  # files open at once
BUCKET_ROWS = 1 << 22  # held in memory at once, where rows must be brought together
LABEL, TIME = "label", "time"
Rows = NDArray[np.void]  # structured: LABEL, TIME if there is one, and one column per field


class Codes:
    """The texts of a field, numbered in order of first appearance."""

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._code_of)

    @property
    def values(self) -> list[str]:
        return list(self._code_of)

    def of(self, column: pa.DictionaryArray) -> NDArray[np.int32]:
        """The codes (n,) of a dictionary-encoded column of strings without nulls."""
        codes = self._code_of
        known = [codes.setdefault(value, len(codes)) for value in column.dictionary.to_pylist()]
        indices: NDArray[np.int32] = column.indices.to_numpy(zero_copy_only=False)
        return np.array(known, np.int32)[indices]


class Spool:
    """Rows of one structured dtype in a file."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self.path = path
        self.dtype = dtype
        self.rows = 0
        self._file = path.open("wb", buffering=0)

    def append(self, rows: Rows) -> None:
        self._file.write(np.ascontiguousarray(rows).view(np.uint8).data)
        self.rows += len(rows)

    def blocks(self) -> Iterator[Rows]:
        """All rows, BLOCK_ROWS at a time."""
        with self.path.open("rb", buffering=0) as file:
            for _ in range(0, self.rows, BLOCK_ROWS):
                yield np.fromfile(file, self.dtype, BLOCK_ROWS)

    def take(self) -> Rows:
        """All rows at once; the file is gone then."""
        self._file.close()
        rows: Rows = np.fromfile(self.path, self.dtype)
        self.remove()
        return rows

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        self.close()
        self.path.unlink()


def by_user(spool: Spool, user: str, copies: int = 1) -> Iterator[Rows]:
    """The rows, in groups that have all rows of their users, in order.

    With so many `copies` of each row, a group has about BUCKET_ROWS (more of very many rows).
    """
    count = min(-(-spool.rows * copies // BUCKET_ROWS), MOST_BUCKETS)
    paths = [spool.path.with_name(f"users-{number}") for number in range(count)]
    buckets = [Spool(path, spool.dtype) for path in paths]
    for block in spool.blocks():
        for number, bucket in enumerate(buckets):
            bucket.append(block[block[user] % count == number])
    for bucket in buckets:
        rows = bucket.take()
        if len(rows):
            yield rows


def row_dtype(coded: dict[str, bool], timed: bool) -> np.dtype[Any]:
    """The dtype of a row: each field's key, and whether it is coded or a number."""
    parts: list[tuple[str, str]] = [(LABEL, "<f8")]
    parts += [(TIME, "<f8")] if timed else []
    parts += [(name, "<i4" if is_code else "<f8") for name, is_code in coded.items()]
    return np.dtype(parts)
