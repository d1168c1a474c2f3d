"""Delimited text as Arrow record batches, and the exact place of whatever is wrong in it."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from data_prep.csv_dialect import READ_ERRORS, Dialect, detect, is_number, open_bytes
from data_prep.errors import InputError
from data_prep.forms import TEXT, Form, Forms, brought_to
from data_prep.settings import Feature

_INNER_SEPARATOR = "\x1f"  # what "::" becomes: Arrow's parser takes one character


class CsvSource:
    """A CSV file, gzip or not; `names` are its columns and `declared` what its header says."""

    def __init__(self, path: Path, separator: str | None, encoding: str) -> None:
        self.path = path
        self._dialect: Dialect = detect(path, separator, encoding)

    @property
    def names(self) -> tuple[str, ...]:
        return self._dialect.names

    @property
    def declared(self) -> Mapping[str, Feature]:
        return self._dialect.declared

    def _type(self, column: str, form: Form) -> pa.DataType:
        """The Arrow type to read a column with.

        Times are numbers, or ISO 8601 with or without a zone, as in the first data row.
        """
        if form != "time":
            return TEXT if form == "text" else pa.float64()
        example = dict(zip(self.names, self._dialect.example, strict=False)).get(column, "")
        if is_number(example) or not example:
            return pa.float64()
        zoned = example.endswith("Z") or "+" in example
        return pa.timestamp("us", "UTC" if zoned else None)

    def batches(self, forms: Forms, block_bytes: int) -> Iterator[Any]:
        types = {name: self._type(name, form) for name, form in forms.items()}
        dialect = self._dialect
        delimiter = dialect.separator if len(dialect.separator) == 1 else _INNER_SEPARATOR
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
                    column_types=types, include_columns=list(types), null_values=[""]
                ),
            )
            for batch in reader:
                yield pa.record_batch(
                    {name: brought_to(batch.column(name), form) for name, form in forms.items()}
                )
        except (pa.ArrowException, UnicodeError, *READ_ERRORS) as error:
            raise self._explained(types, error) from error

    def refusal(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        at = self.names.index(column)
        for number, (line, cells) in enumerate(self._records()):
            if number == row:
                return self._error(problem, line, column, cells[at], fix)
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

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and cells of each data row, slowly: only to say where an error is."""
        encoding = self._dialect.encoding
        with io.TextIOWrapper(
            self._open(), "utf-8-sig" if encoding == "utf-8" else encoding, newline=""
        ) as text:
            separator = self._dialect.separator
            delimiter = separator if len(separator) == 1 else _INNER_SEPARATOR
            reader = csv.reader(text, delimiter=delimiter)
            line = 1
            for cells in reader:
                if cells and line > self._dialect.skip:
                    yield line, cells
                line = reader.line_num + 1

    def _explained(self, types: Mapping[str, pa.DataType], error: Exception) -> InputError:
        """The error of a file that Arrow refused: the first row that it cannot have liked."""
        line = 0
        try:
            for line, cells in self._records():
                if len(cells) != len(self.names):
                    return self._ragged(line, cells)
                for name, kind in types.items():
                    cell = cells[self.names.index(name)]
                    if not _fits(cell, kind):
                        return self._error(f"not a {_spoken(kind)}", line, name, cell, None)
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
        data = data.replace(self._separator, _INNER_SEPARATOR.encode())
        buffer[: len(data)] = data
        return len(data)


def _fits(cell: str, kind: pa.DataType) -> bool:
    if not cell or pa.types.is_dictionary(kind):
        return True
    if pa.types.is_floating(kind):
        return is_number(cell) and "_" not in cell
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _spoken(kind: pa.DataType) -> str:
    return "number" if pa.types.is_floating(kind) else "time as the first row has it"
