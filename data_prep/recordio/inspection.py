"""The contents of a RecordIO file: its first records, its labels, and the sizes of its records."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import CsrRows, Float32s
from data_prep.errors import InputError
from data_prep.recordio import read_batches

Counts = dict[float, int]
_BINS = 20


class Example(NamedTuple):
    """One record."""

    columns: list[int]
    values: list[float]
    label: float | None


@dataclass
class Inspection:
    """What is in a RecordIO file.

    Attributes:
        records: the number of records.
        feature_dim: the number of columns.
        values: the number of stored values.
        first: the first records.
        labels: the number of records by label, empty when there are no labels. Of more than 20
            different ones, those of 20 ranges of equal width, each under its lower end.
        sizes: the number of records by their number of values, likewise.
    """

    records: int = 0
    feature_dim: int = 0
    values: int = 0
    first: list[Example] = field(default_factory=list)
    labels: Counts = field(default_factory=dict)
    sizes: Counts = field(default_factory=dict)


def inspect(path: Path, first: int) -> Inspection:
    """Read a file, a few megabytes at a time, and keep its `first` records.

    Raises:
        InputError: the file is missing or damaged, or has no record.
    """
    inspection = Inspection()
    labels: Counter[float] = Counter()
    sizes: Counter[float] = Counter()
    try:
        with path.open("rb") as file:
            for rows, row_labels in read_batches(file):
                more = first - len(inspection.first)
                inspection.first += _examples(rows, row_labels, more)
                inspection.records += rows.shape[0]
                inspection.feature_dim = rows.shape[1]
                inspection.values += rows.nnz
                _count(sizes, np.diff(rows.indptr))
                if row_labels is not None:
                    _count(labels, row_labels)
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=str(path)) from None
    if not inspection.records:
        raise InputError("there is no record", file=str(path))
    inspection.labels, inspection.sizes = _binned(labels), _binned(sizes)
    return inspection


def _examples(rows: CsrRows, labels: Float32s | None, count: int) -> list[Example]:
    examples = []
    for row in range(min(count, rows.shape[0])):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        label = None if labels is None else float(labels[row])
        examples.append(Example(rows.indices[part].tolist(), rows.data[part].tolist(), label))
    return examples


def _count(counts: Counter[float], values: NDArray[np.generic]) -> None:
    different, times = np.unique(values, return_counts=True)
    counts.update(dict(zip(different.tolist(), times.tolist(), strict=True)))


def _binned(counts: Counter[float]) -> Counts:
    if len(counts) <= _BINS:
        return dict(counts)
    values, times = np.array(list(counts)), np.array(list(counts.values()))
    bins, edges = np.histogram(values, _BINS, weights=times)
    return {float(edge): int(count) for edge, count in zip(edges, bins, strict=False) if count}
