"""What is in a RecordIO file: the first records, the labels, the sizes of records."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.recordio import read_batches

Counts = dict[float, int]
_BINS = 20


@dataclass
class Inspection:
    """first: of some records, the columns, the values and the label (or None).

    labels, sizes: how many records have a label, or a number of values; of more than twenty
    different ones, those of twenty ranges of equal width, each under its lower end.
    """

    records: int = 0
    feature_dim: int = 0
    values: int = 0
    first: list[tuple[list[int], list[float], float | None]] = field(default_factory=list)
    labels: Counts = field(default_factory=dict)
    sizes: Counts = field(default_factory=dict)


def inspect(path: Path, first: int) -> Inspection:
    """Read the file, a few megabytes at a time; raises InputError if it is damaged or missing."""
    found = Inspection()
    labels: Counter[float] = Counter()
    sizes: Counter[float] = Counter()
    try:
        with path.open("rb") as file:
            for matrix, label in read_batches(file):
                for row in range(min(first - len(found.first), matrix.shape[0])):
                    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
                    own = None if label is None else float(label[row])
                    columns, values = matrix.indices[part].tolist(), matrix.data[part].tolist()
                    found.first.append((columns, values, own))
                found.records += matrix.shape[0]
                found.feature_dim = matrix.shape[1]
                found.values += matrix.nnz
                _count(sizes, np.diff(matrix.indptr))
                if label is not None:
                    _count(labels, label)
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=str(path)) from None
    if not found.records:
        raise InputError("there is no record", file=str(path))
    found.labels, found.sizes = _binned(labels), _binned(sizes)
    return found


def _count(counts: Counter[float], values: NDArray[np.generic]) -> None:
    different, times = np.unique(values, return_counts=True)
    counts.update(dict(zip(different.tolist(), times.tolist(), strict=True)))


def _binned(counts: Counter[float]) -> Counts:
    if len(counts) <= _BINS:
        return dict(counts)
    values, times = np.array(list(counts)), np.array(list(counts.values()))
    bins, edges = np.histogram(values, _BINS, weights=times)
    return {float(edge): int(count) for edge, count in zip(edges, bins, strict=False) if count}
