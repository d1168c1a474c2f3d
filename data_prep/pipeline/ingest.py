"""From files to the spool: every value is checked, every text gets a code, tables are joined."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_prep.arrays import Float64s, Rows
from data_prep.column_settings import Columns
from data_prep.manifest import TableName, Tables
from data_prep.pipeline import column_roles
from data_prep.pipeline.batches import Batch, read_tables, resolve_columns
from data_prep.pipeline.fields import InputField, input_fields
from data_prep.pipeline.side_table import SideTable, describe_join, read_side_table
from data_prep.pipeline.spool import ITEM, LABEL, TIME, USER, Spool, TextCodes, row_dtype
from data_prep.pipeline.table_roles import OWNERS
from data_prep.settings import PrepareSettings
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
        tables: how the tables beside them fit the rows.
        titles: of the items, by id; None: there is no table with titles.
    """

    columns: Columns
    fields: tuple[InputField, ...]
    codes: dict[str, TextCodes]
    spool: Spool
    tables: Tables
    titles: dict[str, str] | None

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.spool.rows


def ingest(
    files: Sequence[InputFile],
    table_files: Mapping[TableName, Sequence[InputFile]],
    settings: PrepareSettings,
    spool_file: Path,
    block_bytes: int,
    progress: Progress,
) -> Interactions:
    """Read all rows of the files into a new spool.

    Args:
        files: the files, each in a format of its own.
        table_files: those of the tables beside them, which are held in memory.
        settings: how to read them, and what their labels mean.
        spool_file: the file to write the rows to.
        block_bytes: the text read at once; the result does not depend on it.
        progress: called with a line of text now and then.

    Raises:
        InputError: the first thing that is wrong, with file, line, column and value.
    """
    columns = resolve_columns(files, settings)
    progress(column_roles.describe(columns))
    tables: dict[str, SideTable] = {}
    for name, of_table in table_files.items():
        key = OWNERS[name]
        id_column = {USER: columns.user, ITEM: columns.item}[key]
        tables[key] = read_side_table(name, of_table, settings, id_column, block_bytes)
        progress(f"{name.capitalize()}: {tables[key].roles}")
    features = {key: table.roles.features for key, table in tables.items()}
    fields = input_fields(columns, features.get(USER, ()), features.get(ITEM, ()))
    stored = {field.key: field.coded for field in fields if field.key != TIME}
    spool = Spool.create(spool_file, row_dtype(stored, timed=columns.timestamp is not None))
    builder = _RowBuilder(settings, columns, fields, tables)
    column_types = _column_types(columns, fields)
    for batch in read_tables(files, settings, columns.names, column_types, block_bytes):
        rows = np.empty(len(batch), spool.dtype)
        builder.fill(rows, batch)
        spool.append(rows)
        progress(f"Read {spool.rows:,} rows, in {batch.file.name}")
    spool.close()
    joins = {table.name: table.join(builder.codes[key]) for key, table in tables.items()}
    for name, join in joins.items():
        progress(describe_join(name, join))
    titles = tables[ITEM].titles() if ITEM in tables else None
    return Interactions(columns, fields, builder.codes, spool, Tables(**joins), titles)


def _column_types(columns: Columns, fields: Sequence[InputField]) -> dict[str, ColumnType]:
    column_types: dict[str, ColumnType] = {
        field.column: field.column_type
        for field in fields
        if field.key != TIME and field.joined_by is None
    }
    if columns.label is not None:
        column_types[columns.label] = "number"
    if columns.timestamp is not None:
        column_types[columns.timestamp] = "time"
    return column_types


class _RowBuilder:
    """Makes rows of batches, and collects the codes of their texts."""

    def __init__(
        self,
        settings: PrepareSettings,
        columns: Columns,
        fields: Sequence[InputField],
        tables: Mapping[str, SideTable],
    ) -> None:
        self.codes = {
            field.key: tables[field.joined_by].codes[field.column]
            if field.joined_by
            else TextCodes()
            for field in fields
            if field.coded
        }
        self._settings = settings
        self._columns = columns
        self._fields = fields
        self._tables = tables
        self._time_unit: float | None = None  # to the second; the first time that is not 0 tells

    def fill(self, rows: Rows, batch: Batch) -> None:
        places = {
            key: table.ids.find(batch.texts(table.id_column, required=True))
            for key, table in self._tables.items()
        }
        for field in self._fields:
            if field.joined_by is not None:
                values = self._tables[field.joined_by].values[field.column]
                rows[field.key] = values[places[field.joined_by]]
            elif field.coded:
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
