"""The interactions on disk as fixed-size rows of codes: read as often as needed, never all at once.

A categorical value becomes its code, the number of different values that came before it in its
field; numbers stay numbers. Blocks have a fixed number of rows, so that nothing downstream depends
on how the input was cut into chunks.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BLOCK_ROWS = 1 << 18
LABEL, TIME = "label", "time"
Rows = NDArray[np.void]  # structured: LABEL, TIME if there is one, and one column per field


class Codes:
    """The values of a categorical field, numbered in order of first appearance."""

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

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[Rows]:
        """All rows, `rows` at a time."""
        with self.path.open("rb", buffering=0) as file:
            for _ in range(0, self.rows, rows):
                yield np.fromfile(file, self.dtype, rows)

    def close(self) -> None:
        self._file.close()


def row_dtype(fields: dict[str, bool], timed: bool) -> np.dtype[Any]:
    """The dtype of a row: each field's name, and whether it is categorical (a code)."""
    parts: list[tuple[str, str]] = [(LABEL, "<f4")]
    parts += [(TIME, "<f8")] if timed else []
    parts += [(name, "<i4" if coded else "<f8") for name, coded in fields.items()]
    return np.dtype(parts)
