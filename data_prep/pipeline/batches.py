"""The input, batch by batch, its values checked: a refusal names the file, line and column."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_prep.arrays import Float64s
from data_prep.column_settings import Columns
from data_prep.errors import InputError
from data_prep.pipeline import column_roles
from data_prep.settings import PrepareSettings
from data_prep.sources.arrow_types import ColumnTypes
from data_prep.sources.input_file import InputFile
from data_prep.sources.source import Source, open_source

BLOCK_BYTES = 16 << 20
_LARGEST = float(np.finfo(np.float32).max)


class Batch(NamedTuple):
    """Some rows of one file.

    Attributes:
        file: the file.
        source: the table in it.
        first: the row of the table that the batch begins with, from 0.
        columns: the values, as `Source.batches` gives them.
    """

    file: InputFile
    source: Source
    first: int
    columns: pa.RecordBatch

    def __len__(self) -> int:
        return int(self.columns.num_rows)

    def texts(self, name: str, *, required: bool) -> pa.DictionaryArray:
        """Return a column of texts (n,), dictionary-encoded strings without nulls.

        A text that is missing becomes the empty one, which is a value of its own.

        Args:
            name: the column.
            required: whether an empty text is refused, as in an id.

        Raises:
            InputError: a required text is empty or missing.
        """
        column = self.columns.column(name)
        if not column.null_count and not pc.any(pc.equal(column.dictionary, "")).as_py():
            return column
        text = pc.fill_null(column.dictionary_decode(), "")
        if required:
            row = pc.index(text, "").as_py()
            if row >= 0:
                self.refuse(row, name, "the id is empty")
        return text.dictionary_encode()

    def numbers(self, name: str, *, required: bool = True) -> Float64s:
        """Return a column of numbers (n,) as float64.

        Args:
            name: the column.
            required: whether a missing value is refused; else it becomes NaN.

        Raises:
            InputError: a required value is missing, or a value is not finite as a float32.
        """
        column = self.columns.column(name)
        values: Float64s = column.to_numpy(zero_copy_only=False)
        fine = np.abs(values) <= _LARGEST  # false for NaN
        if not required:
            fine |= column.is_null().to_numpy(zero_copy_only=False)
        if not fine.all():
            row = int(np.argmin(fine))
            if not column[row].is_valid:
                problem = "the value is missing"
            elif np.isfinite(values[row]):
                problem = "the value is too large for float32"
            else:
                problem = "the value is not finite"
            self.refuse(row, name, problem)
        return values

    def refuse(self, row: int, column: str, problem: str, fix: str | None = None) -> NoReturn:
        """Raise the InputError for the value of `column` in `row` (from 0) of the batch."""
        raise self.source.error_at(self.first + row, column, problem, fix)


def resolve_columns(files: Sequence[InputFile], settings: PrepareSettings) -> Columns:
    """Return the column of each role, as the first file shows them.

    Raises:
        InputError: the file cannot be read, a column is not there, or a role is not clear.
    """
    source = open_source(files[0], settings.separator, settings.encoding)
    return column_roles.resolve(str(files[0]), source.names, source.declared_features, settings)


def read_tables(
    files: Sequence[InputFile],
    settings: PrepareSettings,
    required: Iterable[str],
    column_types: ColumnTypes,
    block_bytes: int,
) -> Iterator[Batch]:
    """Read files one after the other.

    Args:
        files: the files, each in a format of its own.
        settings: how to read them.
        required: the columns that every file must have.
        column_types: the columns to read, and the type to convert each to.
        block_bytes: the text read at once; only the size of the batches depends on it.

    Raises:
        InputError: a file cannot be read, has no rows, or lacks a column.
    """
    for file in files:
        source = open_source(file, settings.separator, settings.encoding)
        column_roles.check(str(file), source.names, required)
        rows = 0
        for batch in source.batches(column_types, block_bytes):
            yield Batch(file, source, rows, batch)
            rows += batch.num_rows
        if not rows:
            raise InputError("the file has a header and no rows", file=str(file))
