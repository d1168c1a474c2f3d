"""Delimited text as Arrow record batches, and the exact place of whatever is wrong in it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from data_prep.errors import InputError
from data_prep.settings import Feature
from data_prep.sources.arrow_types import TEXT, Form, Forms, brought_to, is_number, time_type
from data_prep.sources.csv_dialect import (
    INNER_SEPARATOR,
    Dialect,
    Record,
    detect,
    records,
    text_encoding,
)
from data_prep.sources.input_file import READ_ERRORS, InputFile, open_bytes

_THOUSANDS = 3  # digits
_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]


class CsvSource:
    """A CSV file, gzip or not; `names` are its columns and `declared` what its header says."""

    def __init__(self, path: InputFile, separator: str | None, encoding: str) -> None:
        self.path = path
        self._dialect: Dialect = detect(path, separator, encoding)

    @property
    def names(self) -> tuple[str, ...]:
        return self._dialect.names

    @property
    def declared(self) -> Mapping[str, Feature]:
        return self._dialect.declared

    def _examples(self, column: str) -> list[str]:
        """The texts that the first rows have in a column."""
        at = self.names.index(column)
        rows = [cells for cells in self._dialect.examples if len(cells) == len(self.names)]
        return [cells[at].strip() for cells in rows if cells[at].strip()]

    def _type(self, column: str, form: Form) -> pa.DataType:
        """The Arrow type to read a column with, as its first text shows."""
        if form == "text":
            return TEXT
        example = next(iter(self._examples(column)), "")
        if form == "time":
            return time_type(example)
        return pa.bool_() if example.lower() in ("true", "false") else pa.float64()

    def batches(self, forms: Forms, block_bytes: int) -> Iterator[Any]:
        types = {name: self._type(name, form) for name, form in forms.items()}
        dialect = self._dialect
        delimiter = dialect.separator if len(dialect.separator) == 1 else INNER_SEPARATOR
        point = self._decimal_point(types)
        try:
            reader = arrow_csv.open_csv(
                pa.PythonFile(self._open(), mode="r"),
                arrow_csv.ReadOptions(
                    block_size=block_bytes,
                    column_names=list(dialect.names),
                    skip_rows=dialect.skip,
                    encoding=dialect.encoding,
                ),
                arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                arrow_csv.ConvertOptions(
                    column_types=types,
                    include_columns=list(types),
                    null_values=[""],
                    true_values=_TRUE,
                    false_values=_FALSE,
                    decimal_point=point,
                ),
            )
            for batch in reader:
                yield pa.record_batch(
                    {name: brought_to(batch.column(name), form) for name, form in forms.items()}
                )
        except (pa.ArrowException, UnicodeError, *READ_ERRORS) as error:
            raise self._explained(types, point, error) from error

    def refusal(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        at = self.names.index(column)
        for number, record in enumerate(self._records()):
            if number == row:
                return self._error(problem, record.first_line, column, record.cells[at], fix)
        return self._error(problem, None, column, None, fix)

    def _error(
        self, problem: str, line: int | None, column: str | None, value: str | None, fix: str | None
    ) -> InputError:
        return InputError(
            problem, file=str(self.path), line=line, column=column, value=value, fix=fix
        )

    def _open(self) -> BinaryIO:
        file = open_bytes(self.path)
        if len(self._dialect.separator) == 1:
            return file
        return io.BufferedReader(_Translated(file, self._dialect.separator.encode()))

    def _records(self) -> Iterator[Record]:
        """The data rows, slowly: only to say where an error is."""
        dialect = self._dialect
        with io.TextIOWrapper(
            open_bytes(self.path), text_encoding(dialect.encoding), newline=""
        ) as text:
            for record in records(text, dialect.separator):
                if record.first_line > dialect.skip:
                    yield record

    def _decimal_point(self, types: Mapping[str, pa.DataType]) -> str:
        """A comma if the first rows have numbers with one; one thousand is not meant by "1,000"."""
        numbers = [name for name, kind in types.items() if pa.types.is_floating(kind)]
        texts = [text for name in numbers for text in self._examples(name)]
        commas = [text for text in texts if re.fullmatch(r"[+-]?\d+,\d+", text)]
        sure = any(len(text.partition(",")[2]) != _THOUSANDS for text in commas)
        return "," if sure and not any("." in text for text in texts) else "."

    def _explained(
        self, types: Mapping[str, pa.DataType], point: str, error: Exception
    ) -> InputError:
        """The error of a file that Arrow refused: the first row that it cannot have liked."""
        line = 0
        try:
            for line, _, cells in self._records():
                if len(cells) != len(self.names):
                    return self._ragged(line, cells)
                for name, kind in types.items():
                    cell = cells[self.names.index(name)]
                    if not _fits(cell, kind, point):
                        timed = pa.types.is_timestamp(kind)
                        fix = "Name another column, or none, in columns.timestamp"
                        problem = f"not a {_spoken(kind)}"
                        return self._error(problem, line, name, cell, fix if timed else None)
        except UnicodeDecodeError:
            return self._undecodable()
        except (csv.Error, *READ_ERRORS) as reason:
            problem = f"the file cannot be read after line {line} ({reason})"
            return self._error(problem, None, None, None, "It may be truncated: copy it again")
        return self._error(f"the file cannot be read ({error})", None, None, None, None)

    def _ragged(self, line: int, cells: list[str]) -> InputError:
        return self._error(
            f"{len(cells)} columns where the {'header' if self._dialect.skip else 'first row'}"
            f" has {len(self.names)}",
            line,
            None,
            self._dialect.separator.join(cells),
            "Quote values that hold the separator; a short last line means a truncated file",
        )

    def _undecodable(self) -> InputError:
        encoding = self._dialect.encoding
        with open_bytes(self.path) as file:
            for line, raw in enumerate(file, 1):
                try:
                    raw.decode(encoding)
                except UnicodeDecodeError as error:
                    return InputError(
                        f"byte {raw[error.start : error.end].hex()} is not {encoding}",
                        file=str(self.path),
                        line=line,
                        value=raw.decode(encoding, errors="replace").strip(),
                        fix="Name the file's encoding in the setting 'encoding', such as 'latin-1'",
                    )
        return self._error(f"the file is not {encoding}", None, None, None, None)


class _Translated(io.RawIOBase):
    """A file in which a two-byte separator reads as the inner one."""

    def __init__(self, file: BinaryIO, separator: bytes) -> None:
        self._file = file
        self._separator = separator
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._held + self._file.read(len(buffer) - len(self._held))
        self._held = b""
        if len(data) == len(buffer) and data.endswith(self._separator[:1]):
            data, self._held = data[:-1], data[-1:]
        data = data.replace(self._separator, INNER_SEPARATOR.encode())
        buffer[: len(data)] = data
        return len(data)


def _fits(cell: str, kind: pa.DataType, point: str) -> bool:
    if not cell or pa.types.is_dictionary(kind):
        return True
    if pa.types.is_boolean(kind):
        return cell in (*_TRUE, *_FALSE)
    if pa.types.is_floating(kind):
        other = {",": ".", ".": ","}[point]
        return other not in cell and "_" not in cell and is_number(cell.replace(point, "."))
    try:
        pc.cast(pa.scalar(cell.strip()), kind)
    except pa.ArrowException:
        return False
    return True


def _spoken(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "truth value, as the first row has one"
    return "number" if pa.types.is_floating(kind) else "time as the first row has it"
