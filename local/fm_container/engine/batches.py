"""Mini-batches: records in file order, the last batch filled up with empty rows of label 0.

The algorithm never shuffles, so what an engine prepares of a piece of the records in the first
epoch serves all epochs.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fm.arrays import CsrRows, Float32s, Int64s, Uint32s

Chunk = tuple[CsrRows, Float32s]  # feature rows (n, d) and labels (n,)


class Batches(NamedTuple):
    """Whole mini-batches of `size` rows in CSR form; the pads are ordinary empty rows.

    Attributes:
        size: Rows of a batch.
        records: How many of the rows, the first ones, are real.
        indptr: Where each row's entries begin and end, shape (rows + 1,).
        columns: The entries' features, shape (entries,).
        values: The entries' values, shape (entries,).
        labels: Shape (rows,).
    """

    size: int
    records: int
    indptr: Int64s
    columns: Uint32s
    values: Float32s
    labels: Float32s

    @property
    def number(self) -> int:
        """Number of batches."""
        return len(self.labels) // self.size


def batched(chunks: list[Chunk], size: int) -> Batches:
    """Return the chunks' rows, in order, as mini-batches of `size`."""
    counts = np.concatenate([np.diff(rows.indptr) for rows, _ in chunks])
    labels = np.concatenate([labels for _, labels in chunks])
    pads = -len(labels) % size
    indptr = np.zeros(len(labels) + pads + 1, np.int64)
    np.cumsum(counts, out=indptr[1 : len(labels) + 1])
    indptr[len(labels) + 1 :] = indptr[len(labels)]
    return Batches(
        size,
        len(labels),
        indptr,
        np.concatenate([rows.indices.astype(np.uint32) for rows, _ in chunks]),
        np.concatenate([rows.data.astype(np.float32) for rows, _ in chunks]),
        np.concatenate([labels, np.zeros(pads)]).astype(np.float32),
    )


def pieces(chunks: Iterator[Chunk], size: int, interval: int) -> Iterator[Batches]:
    """Yield the records as pieces of one mini-batch, then `interval` each.

    These are where progress is logged.
    """
    waiting: deque[Chunk] = deque()
    rows, needed = 0, size
    for chunk in chunks:
        waiting.append(chunk)
        rows += len(chunk[1])
        while rows >= needed:
            yield batched(_take(waiting, needed), size)
            rows -= needed
            needed = size * interval
    if rows:
        yield batched(_take(waiting, rows), size)


def _take(waiting: deque[Chunk], count: int) -> list[Chunk]:
    """Remove the first `count` rows of the waiting chunks and return them."""
    taken = []
    while count:
        rows, labels = waiting.popleft()
        if len(labels) > count:
            waiting.appendleft((rows[count:], labels[count:]))
            rows, labels = rows[:count], labels[:count]
        taken.append((rows, labels))
        count -= len(labels)
    return taken
