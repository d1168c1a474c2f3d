"""Mini-batches: records in file order, the last batch filled up with empty rows of label 0.

The algorithm never shuffles, so what an engine prepares of a piece of the records in the first
epoch serves all epochs.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
ColumnArray = npt.NDArray[np.uint32]
OffsetArray = npt.NDArray[np.int64]
Chunk = tuple[Any, FloatArray]  # CSR rows (n, d) and labels (n,)


class Batches(NamedTuple):
    """Whole mini-batches of `size` rows in CSR form; the pads are ordinary empty rows.

    `indptr` (rows + 1,), `columns` and `values` (entries,), `labels` (rows,); the first `records`
    of the rows are real.
    """

    size: int
    records: int
    indptr: OffsetArray
    columns: ColumnArray
    values: FloatArray
    labels: FloatArray

    @property
    def number(self) -> int:
        """Number of batches."""
        return len(self.labels) // self.size


def batched(chunks: list[Chunk], size: int) -> Batches:
    """The chunks' rows, in order, as mini-batches of `size`."""
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
    """The records as pieces of one mini-batch, then `interval` each: where progress is logged."""
    held: deque[Chunk] = deque()
    rows, wanted = 0, size
    for chunk in chunks:
        held.append(chunk)
        rows += len(chunk[1])
        while rows >= wanted:
            yield batched(_take(held, wanted), size)
            rows -= wanted
            wanted = size * interval
    if rows:
        yield batched(_take(held, rows), size)


def _take(held: deque[Chunk], count: int) -> list[Chunk]:
    taken = []
    while count:
        rows, labels = held.popleft()
        if len(labels) > count:
            held.appendleft((rows[count:], labels[count:]))
            rows, labels = rows[:count], labels[:count]
        taken.append((rows, labels))
        count -= len(labels)
    return taken
