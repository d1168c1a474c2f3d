"""Parquet as Arrow record batches, and the exact place of whatever is wrong in it."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import accumulate
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_prep.column_settings import Feature
from data_prep.errors import InputError
from data_prep.sources.arrow_types import (
    ColumnType,
    ColumnTypes,
    convert,
    feature_of_type,
    is_text,
    time_type,
)
from data_prep.sources.input_file import InputFile

_ROWS_SEARCHED = 1 << 20  # at once
_ROW_BYTES = 32  # what a row of text takes, roughly: turns bytes into rows
_DAMAGE = (pa.ArrowException, OSError, ValueError)  # names that are not UTF-8, for example
_DAMAGED = "The file is damaged or truncated: copy it again"
Conversion = Callable[[pa.Array], pa.Array]


class ParquetSource:
    """A table in a Parquet file.

    Attributes:
        names: the columns.
        declared_features: what their types declare, by name.
    """

    def __init__(self, file: InputFile, parquet: pq.ParquetFile) -> None:
        self._file = file
        self._parquet = parquet
        schema = parquet.schema_arrow
        self.names: tuple[str, ...] = tuple(schema.names)
        self.declared_features: Mapping[str, Feature] = {
            field.name: feature_of_type(field.name, field.type) for field in schema
        }

    @classmethod
    def open(cls, file: InputFile) -> Self:
        """Open a Parquet file.

        Raises:
            InputError: it is damaged, has no rows, or has a column twice.
        """
        try:
            parquet = pq.ParquetFile(file.open("rb"), page_checksum_verification=True)
        except _DAMAGE as error:
            raise InputError(
                f"the Parquet file cannot be read ({error})", file=str(file), fix=_DAMAGED
            ) from None
        source = cls(file, parquet)
        for name in source.names:
            if source.names.count(name) > 1:
                raise InputError("the file has this column twice", file=str(file), column=name)
        if not parquet.metadata.num_rows:
            raise InputError("the file has no rows", file=str(file))
        return source

    def batches(self, column_types: ColumnTypes, block_bytes: int) -> Iterator[pa.RecordBatch]:
        """Read the table; see `Source.batches`."""
        conversions = {
            name: self._conversion(name, column_type) for name, column_type in column_types.items()
        }
        first = 0
        for batch in self._read(list(column_types), max(1, block_bytes // _ROW_BYTES)):
            yield pa.record_batch(
                {
                    name: self._converted(batch.column(name), name, conversion, first)
                    for name, conversion in conversions.items()
                }
            )
            first += batch.num_rows

    def error_at(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        """Return the error for a value, with row and, of several, row group; see `Source`."""
        metadata = self._parquet.metadata
        sizes = [metadata.row_group(n).num_rows for n in range(self._parquet.num_row_groups)]
        ends = list(accumulate(sizes))
        row_group = bisect_right(ends, row)
        values = self._parquet.read_row_group(row_group, [column]).column(column)
        value = values[row - ends[row_group] + sizes[row_group]]
        return InputError(
            problem,
            file=str(self._file),
            row_group=row_group if len(ends) > 1 else None,
            row=row,
            column=column,
            value=_shown(value),
            fix=fix,
        )

    def _refused_type(self, name: str, problem: str) -> InputError:
        """Return the error for a column's type, at the missing value that may be the reason."""
        first = 0
        for batch in self._read([name], _ROWS_SEARCHED):
            column = batch.column(0)
            row = pc.index(column.is_null(), pa.scalar(True)).as_py()
            if pa.types.is_floating(column.type) and row >= 0:
                reason = "one value is missing, which makes pandas' integers floating-point"
                fix = "Leave the row out, and make the others integers again: .astype('int64')"
                return self.error_at(first + row, name, f"{problem}; {reason}", fix)
            first += batch.num_rows
        return InputError(problem, file=str(self._file), column=name)

    def _read(self, names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
        for row_group in range(self._parquet.num_row_groups):
            try:
                yield from self._parquet.iter_batches(rows, [row_group], names)
            except _DAMAGE as error:
                raise InputError(
                    f"row group {row_group} cannot be read ({error})",
                    file=str(self._file),
                    fix=_DAMAGED,
                ) from error

    def _conversion(self, name: str, column_type: ColumnType) -> Conversion:
        if column_type == "time" and is_text(self._parquet.schema_arrow.field(name).type):
            return partial(_convert_times, arrow_type=self._time_type(name))
        return partial(convert, column_type=column_type)

    def _time_type(self, name: str) -> pa.DataType:
        """Return the type that the first of a column's texts shows."""
        texts = (text.as_py() for batch in self._read([name], 1) for text in batch.column(name))
        return time_type(next(filter(None, texts), ""))

    def _converted(
        self, column: pa.Array, name: str, conversion: Conversion, first: int
    ) -> pa.Array:
        """Convert a column that begins with the row `first` of the file."""
        try:
            return conversion(column)
        except TypeError as error:
            raise self._refused_type(name, str(error)) from error
        except pa.ArrowException as error:
            row = first + _first_refused(column, conversion)
            raise self.error_at(row, name, f"the value cannot be used ({error})") from error


def _shown(value: pa.Scalar) -> str:
    if not value.is_valid:
        return ""
    try:
        return str(value.as_py())
    except UnicodeDecodeError:
        return str(value.as_buffer().to_pybytes().decode("utf-8", "replace"))


def _convert_times(column: pa.StringArray, arrow_type: pa.DataType) -> pa.DoubleArray:
    return convert(pc.cast(column.cast(pa.string()), arrow_type), "time")


def _first_refused(column: pa.Array, conversion: Conversion) -> int:
    """Return the first row of a column that cannot be converted, by halving."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            conversion(column.slice(low, middle - low))
        except pa.ArrowException:
            high = middle
        else:
            low = middle
    return low
