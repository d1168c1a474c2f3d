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


def thinned(batches: Iterable[Batch], most: int) -> Rows:
    """Return every row, or every second, fourth, eighth ... so that there are at most `most`.

    Args:
        batches: the rows in order, at least one batch.
        most: the largest number of rows to keep in memory.
    """
    kept: list[Batch] = []
    step, seen, count = 1, 0, 0
    for features, labels in batches:
        chosen = slice(-seen % step, None, step)
        kept.append((features[chosen], labels[chosen]))
        seen, count = seen + len(labels), count + len(kept[-1][1])
        while count > most:
            features, labels = _stacked(kept)
            kept, step = [(features[::2], labels[::2])], 2 * step
            count = len(kept[0][1])
    return Rows(*_stacked(kept))


def _stacked(batches: Sequence[Batch]) -> Batch:
    features, labels = zip(*batches, strict=True)
    return sp.csr_array(sp.vstack(features, format="csr")), np.concatenate(labels)
