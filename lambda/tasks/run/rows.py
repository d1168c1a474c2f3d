"""The rows of a run's part, and an even selection of very many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp

from fm.arrays import CsrRows, Float32s

Batch: TypeAlias = tuple[CsrRows, Float32s]  # features, shape (n, d), and labels, shape (n,)


@dataclass(frozen=True, eq=False)
class Rows:
    """Feature rows and their labels.

    Attributes:
        features: CSR, float32, shape (n, d).
        labels: float32, shape (n,).
    """

    features: CsrRows
    labels: Float32s


def thinned(batches: Iterable[Batch], most_rows: int, most_non_zeros: int) -> Rows:
    """Return every row, or every second, fourth, eighth ... so that they fit into memory.

    Args:
        batches: the rows in order, at least one batch.
        most_rows: the largest number of rows to keep.
        most_non_zeros: the largest number of non-zeros in them; one row is kept in any case.
    """
    kept: list[Batch] = []
    step, seen, rows, non_zeros = 1, 0, 0, 0
    for features, labels in batches:
        chosen = slice(-seen % step, None, step)
        kept.append((features[chosen], labels[chosen]))
        seen += len(labels)
        rows, non_zeros = rows + len(kept[-1][1]), non_zeros + kept[-1][0].nnz
        while rows > 1 and (rows > most_rows or non_zeros > most_non_zeros):
            features, labels = _stacked(kept)
            kept, step = [(features[::2], labels[::2])], 2 * step
            rows, non_zeros = len(kept[0][1]), kept[0][0].nnz
    return Rows(*_stacked(kept))


def without(features: CsrRows, start: int, end: int) -> CsrRows:
    """Return the rows with nothing in the columns from `start` to before `end`; shape (n, d)."""
    kept = (features.indices < start) | (features.indices >= end)
    starts = np.concatenate(([0], np.cumsum(kept)))[features.indptr]
    entries = features.data[kept], features.indices[kept], starts
    return sp.csr_array(entries, shape=features.shape)


def _stacked(batches: Sequence[Batch]) -> Batch:
    features, labels = zip(*batches, strict=True)
    return sp.csr_array(sp.vstack(features, format="csr")), np.concatenate(labels)
