"""A first look at a table: the role of each column, the number of rows, and the labels."""

from dataclasses import dataclass

import numpy as np

from data_prep.arrays import Float64s
from data_prep.column_settings import Columns
from data_prep.pipeline.batches import BLOCK_BYTES, read_tables, resolve_columns
from data_prep.settings import PrepareSettings
from data_prep.sources.arrow_types import ColumnType
from data_prep.sources.input_file import Sources, files_of

MOST_DISTINCT = 100  # labels that are listed; ratings from 0 to 10 in half steps are 21


@dataclass(frozen=True)
class Labels:
    """The labels of a table as they stand in it, before any threshold.

    Attributes:
        smallest: the smallest label.
        largest: the largest label.
        distinct: the different labels, ascending; None if there are more than MOST_DISTINCT.
    """

    smallest: float
    largest: float
    distinct: tuple[float, ...] | None


@dataclass(frozen=True)
class Survey:
    """What a table holds.

    Attributes:
        columns: the column of each role, detected where the settings name none.
        rows: the number of interactions.
        labels: the values of `columns.label`; None if there is no label column.
    """

    columns: Columns
    rows: int
    labels: Labels | None


def survey(
    sources: Sources, settings: PrepareSettings, *, block_bytes: int = BLOCK_BYTES
) -> Survey:
    """Read the label column of a table and say what the table holds.

    It takes one pass and bounded memory, and a fraction of the time of `prepare`. The labels need
    not suit `settings.predictor_type`: a survey shows which threshold explicit ratings need.

    Args:
        sources: files, directories and frames, as in `prepare`.
        settings: how to read the files, and the roles of columns. What concerns later steps
            (threshold, split, ...) has no effect; without `negatives`, there must be a label.
        block_bytes: the text read at once; the result does not depend on it.

    Raises:
        InputError: a file cannot be read, a role is not clear, or a label is not a finite number;
            with file, line, column and value.
    """
    files = files_of(sources)
    columns = resolve_columns(files, settings)
    label = columns.label
    column_type: ColumnType = "text" if label is None else "number"
    rows = 0
    counter = _LabelCounter()
    column_types = {label or columns.user: column_type}
    for batch in read_tables(files, settings, columns.names, column_types, block_bytes):
        rows += len(batch)
        if label is not None:
            counter.add(batch.numbers(label))
    return Survey(columns, rows, None if label is None else counter.labels)


class _LabelCounter:
    def __init__(self) -> None:
        self._range = (np.inf, -np.inf)
        self._distinct: set[float] | None = set()

    def add(self, labels: Float64s) -> None:
        smallest, largest = self._range
        self._range = (min(smallest, float(labels.min())), max(largest, float(labels.max())))
        if self._distinct is not None:
            self._distinct.update(np.unique(labels).tolist())
            if len(self._distinct) > MOST_DISTINCT:
                self._distinct = None

    @property
    def labels(self) -> Labels:
        distinct = None if self._distinct is None else tuple(sorted(self._distinct))
        return Labels(*self._range, distinct)
