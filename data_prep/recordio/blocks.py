"""Matrices in blocks of rows, so that what is made of a block is small at any number of rows."""

from collections.abc import Iterator

import numpy as np

from data_prep.arrays import Integers

ROWS_AT_ONCE = 1 << 15  # at two or three values a row, a block of output stays in the cache
VALUES_AT_ONCE = 1 << 20


def row_blocks(rows: int, most_values: int) -> Iterator[tuple[int, int]]:
    """Yield where each block of rows starts and stops; no row has more than `most_values`."""
    step = max(1, min(ROWS_AT_ONCE, VALUES_AT_ONCE // max(most_values, 1)))
    for start in range(0, rows, step):
        yield start, min(start + step, rows)


def spans(length: int, overlap: int = 0) -> Iterator[slice]:
    """Yield the slices of an array that are looked at one after the other."""
    for start in range(0, length - overlap, VALUES_AT_ONCE):
        yield slice(start, start + VALUES_AT_ONCE + overlap)


def most_values(indptr: Integers) -> int:
    """Return how many values the row with the most has; indptr (n + 1,) of a CSR matrix."""
    return max((int(np.diff(indptr[part]).max()) for part in spans(len(indptr), 1)), default=0)
