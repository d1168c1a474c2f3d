"""Parquet as Arrow record batches, and the exact place of whatever is wrong in it."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_prep.errors import InputError
from data_prep.settings import Feature
from data_prep.sources.arrow_types import Form, Forms, brought_to, declared, time_type
from data_prep.sources.input_file import InputFile

_ROW_BYTES = 32  # what a row of text takes, roughly: turns bytes into rows
_DAMAGE = (pa.ArrowException, OSError, ValueError)  # names that are not UTF-8, for example
_DAMAGED = "The file is damaged or truncated: copy it again"


class ParquetSource:
    """A Parquet file; `names` are its columns and `declared` what their types say."""

    def __init__(self, path: InputFile) -> None:
        self.path = path
        try:
            self._file = pq.ParquetFile(path.open("rb"), page_checksum_verification=True)
        except _DAMAGE as error:
            raise self._error(f"the Parquet file cannot be read ({error})", fix=_DAMAGED) from None
        schema = self._file.schema_arrow
        self.names: tuple[str, ...] = tuple(schema.names)
        for name in self.names:
            if self.names.count(name) > 1:
                raise self._error("the file has this column twice", column=name)
        if not self._file.metadata.num_rows:
            raise self._error("the file has no rows")
        self.declared: Mapping[str, Feature] = {
            field.name: declared(field.name, field.type) for field in schema
        }

    def batches(self, forms: Forms, block_bytes: int) -> Iterator[Any]:
        types = {name: self._time_type(name) for name, form in forms.items() if form == "time"}
        first = 0
        for batch in self._read(list(forms), max(1, block_bytes // _ROW_BYTES)):
            columns = {}
            for name, form in forms.items():
                convert = partial(_converted, form=form, time=types.get(name))
                columns[name] = self._column(batch.column(name), name, convert, first)
            yield pa.record_batch(columns)
            first += batch.num_rows

    def refusal(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        sizes = [
            self._file.metadata.row_group(n).num_rows for n in range(self._file.num_row_groups)
        ]
        ends = list(accumulate(sizes))
        group = bisect_right(ends, row)
        values = self._file.read_row_group(group, [column]).column(column)
        value = values[row - ends[group] + sizes[group]]
        return self._error(
            problem,
            column=column,
            fix=fix,
            row=row,
            row_group=group,
            value=_shown(value),
        )

    def _read(self, names: list[str], rows: int) -> Iterator[Any]:
        for group in range(self._file.num_row_groups):
            try:
                yield from self._file.iter_batches(rows, [group], names)
            except _DAMAGE as error:
                raise self._error(
                    f"row group {group} cannot be read ({error})", fix=_DAMAGED
                ) from error

    def _time_type(self, name: str) -> pa.DataType | None:
        """Of a column of texts, the type that the first of them shows; None: it has its own."""
        if not pa.types.is_string(self._file.schema_arrow.field(name).type):
            return None
        texts = (text.as_py() for batch in self._read([name], 1) for text in batch.column(name))
        return time_type(next(filter(None, texts), ""))

    def _column(self, column: Any, name: str, convert: Callable[[Any], Any], first: int) -> Any:
        """The converted column, whose first row is `first` of the file."""
        try:
            return convert(column)
        except TypeError as error:
            raise self._error(str(error), column=name) from error
        except pa.ArrowException as error:
            row = first + _first_refused(column, convert)
            raise self.refusal(row, name, f"the value cannot be used ({error})") from error

    def _error(self, problem: str, **place: Any) -> InputError:
        return InputError(problem, file=str(self.path), **place)


def _shown(value: Any) -> str:
    if not value.is_valid:
        return ""
    try:
        return str(value.as_py())
    except UnicodeDecodeError:
        return str(value.as_buffer().to_pybytes().decode("utf-8", "replace"))


def _converted(column: Any, form: Form, time: pa.DataType | None) -> Any:
    return brought_to(column if time is None else pc.cast(column, time), form)


def _first_refused(column: Any, convert: Callable[[Any], Any]) -> int:
    """The first row of the column that cannot be converted, found by halving."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            convert(column.slice(low, middle - low))
        except pa.ArrowException:
            high = middle
        else:
            low = middle
    return low
