"""From files to the spool: every value is checked, and every text gets a code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_prep.arrays import Float64s, Rows
from data_prep.pipeline import column_roles
from data_prep.pipeline.batches import Batch, read_tables, resolve_columns
from data_prep.pipeline.fields import InputField, input_fields
from data_prep.pipeline.spool import LABEL, TIME, Spool, TextCodes, row_dtype
from data_prep.settings import Columns, PrepareSettings
from data_prep.sources.arrow_types import ColumnType
from data_prep.sources.input_file import InputFile

Progress = Callable[[str], None]
_UNITS = np.array([1.0, 1e3, 1e6, 1e9])  # to the second
_SHOWN = 8  # values named when labels are not 0 or 1


@dataclass(frozen=True, eq=False)
class Interactions:
    """The input as it has been read.

    Attributes:
        columns: the column of each role.
        fields: the fields of a row.
        codes: the texts of each coded field, by its key.
        spool: the rows.
    """

    columns: Columns
    fields: tuple[InputField, ...]
    codes: dict[str, TextCodes]
    spool: Spool

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.spool.rows


def ingest(
    files: Sequence[InputFile],
    settings: PrepareSettings,
    spool_file: Path,
    block_bytes: int,
    progress: Progress,
) -> Interactions:
    """Read all rows of the files into a new spool.

    Args:
        files: the files, each in a format of its own.
        settings: how to read them, and what their labels mean.
        spool_file: the file to write the rows to.
        block_bytes: the text read at once; the result does not depend on it.
        progress: called with a line of text now and then.

    Raises:
        InputError: the first thing that is wrong, with file, line, column and value.
    """
    columns = resolve_columns(files, settings)
    fields = input_fields(columns)
    progress(column_roles.describe(columns))
    stored = {field.key: field.coded for field in fields if field.key != TIME}
    spool = Spool.create(spool_file, row_dtype(stored, timed=columns.timestamp is not None))
    builder = _RowBuilder(settings, columns, fields)
    for batch in read_tables(files, settings, columns, _column_types(columns, fields), block_bytes):
        rows = np.empty(len(batch), spool.dtype)
        builder.fill(rows, batch)
        spool.append(rows)
        progress(f"Read {spool.rows:,} rows, in {batch.file.name}")
    spool.close()
    return Interactions(columns, fields, builder.codes, spool)


def _column_types(columns: Columns, fields: Sequence[InputField]) -> dict[str, ColumnType]:
    column_types: dict[str, ColumnType] = {
        field.column: field.column_type for field in fields if field.key != TIME
    }
    if columns.label is not None:
        column_types[columns.label] = "number"
    if columns.timestamp is not None:
        column_types[columns.timestamp] = "time"
    return column_types


class _RowBuilder:
    """Makes rows of batches, and collects the codes of their texts."""

    def __init__(
        self, settings: PrepareSettings, columns: Columns, fields: Sequence[InputField]
    ) -> None:
        self.codes = {field.key: TextCodes() for field in fields if field.coded}
        self._settings = settings
        self._columns = columns
        self._fields = fields
        self._time_unit: float | None = None  # to the second; the first time that is not 0 tells

    def fill(self, rows: Rows, batch: Batch) -> None:
        for field in self._fields:
            if field.coded:
                texts = batch.texts(field.column, required=field.is_id)
                rows[field.key] = self.codes[field.key].encode(texts)
            elif field.key != TIME:
                rows[field.key] = batch.numbers(field.column)
        rows[LABEL] = self._labels(batch)
        if self._columns.timestamp is not None:
            rows[TIME] = self._seconds(batch, self._columns.timestamp)

    def _labels(self, batch: Batch) -> Float64s:
        name = self._columns.label
        if name is None:
            return np.ones(len(batch))
        labels = batch.numbers(name)
        if self._settings.predictor_type == "regressor":
            return labels
        threshold = self._settings.label.positive_at_least
        if threshold is not None:
            summed_first = self._settings.duplicates == "sum"
            return labels if summed_first else (labels >= threshold).astype(np.float64)
        wrong = (labels != 0) & (labels != 1)
        if wrong.any():
            seen = ", ".join(f"{value:g}" for value in np.unique(labels)[:_SHOWN])
            batch.refuse(
                int(np.argmax(wrong)),
                name,
                f"a label of a binary_classifier is 0 or 1 (values seen: {seen}), not this",
                "Set label.positive_at_least to the value from which on a label is positive, or "
                "predictor_type to 'regressor'",
            )
        return labels

    def _seconds(self, batch: Batch, name: str) -> Float64s:
        """Return times in seconds; their size shows whether they are in thousandths or less.

        In seconds, 1e11 is the year 5138; in milliseconds it is 1973. All must have one unit.
        """
        times = batch.numbers(name)
        units = _UNITS[np.searchsorted(_UNITS[1:] * 1e8, np.abs(times), "right")]
        not_zero = np.flatnonzero(times)
        if self._time_unit is None and len(not_zero):
            self._time_unit = float(units[not_zero[0]])
        other_unit = not_zero[units[not_zero] != self._time_unit]
        if len(other_unit):
            batch.refuse(
                int(other_unit[0]),
                name,
                "the time is in another unit than those before it (seconds, or milli-, micro- or "
                "nanoseconds, by its size)",
            )
        return times / (self._time_unit or 1.0)
