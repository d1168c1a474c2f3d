"""Delimited text as Arrow record batches, and the exact place of whatever is wrong in it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Self

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from data_prep.column_settings import Feature
from data_prep.errors import InputError
from data_prep.sources.arrow_types import (
    TEXT,
    ColumnType,
    ColumnTypes,
    convert,
    is_number,
    time_type,
)
from data_prep.sources.csv_dialect import (
    INNER_SEPARATOR,
    Dialect,
    TextRow,
    detect,
    read_rows,
    text_encoding,
)
from data_prep.sources.input_file import READ_ERRORS, InputFile, open_bytes

ArrowTypes = Mapping[str, pa.DataType]  # by the column's name
_THOUSANDS = 3  # digits
_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]


class CsvSource:
    """A table in a CSV file, gzip or not."""

    def __init__(self, file: InputFile, dialect: Dialect) -> None:
        self._file = file
        self._dialect = dialect

    @classmethod
    def open(cls, file: InputFile, separator: str | None, encoding: str) -> Self:
        """Read the first rows of a file and detect its dialect; separator None: detect it too.

        Raises:
            InputError: the file is empty, not text in the encoding, or not a table.
        """
        return cls(file, detect(file, separator, encoding))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in order."""
        return self._dialect.names

    @property
    def declared_features(self) -> Mapping[str, Feature]:
        """What a typed header declares, by name."""
        return self._dialect.declared_features

    def batches(self, column_types: ColumnTypes, block_bytes: int) -> Iterator[pa.RecordBatch]:
        """Read the table; see `Source.batches`."""
        arrow_types = {
            name: self._arrow_type(name, column_type) for name, column_type in column_types.items()
        }
        decimal_point = self._decimal_point(arrow_types)
        try:
            for batch in self._open_arrow(arrow_types, decimal_point, block_bytes):
                yield pa.record_batch(
                    {
                        name: convert(batch.column(name), column_type)
                        for name, column_type in column_types.items()
                    }
                )
        except (pa.ArrowException, UnicodeError, *READ_ERRORS) as error:
            raise self._explain(arrow_types, decimal_point, error) from error

    def error_at(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        """Return the error for a value, with its line; see `Source.error_at`."""
        at = self.names.index(column)
        for number, text_row in enumerate(self._rows()):
            if number == row:
                value = text_row.cells[at]
                return self._error(problem, text_row.first_line, column, value, fix)
        return self._error(problem, None, column, None, fix)

    def _open_arrow(
        self, arrow_types: ArrowTypes, decimal_point: str, block_bytes: int
    ) -> arrow_csv.CSVStreamingReader:
        dialect = self._dialect
        delimiter = dialect.separator if len(dialect.separator) == 1 else INNER_SEPARATOR
        return arrow_csv.open_csv(
            pa.PythonFile(self._open_single_separator(), mode="r"),
            arrow_csv.ReadOptions(
                block_size=block_bytes,
                column_names=list(dialect.names),
                skip_rows=dialect.skip,
                encoding=dialect.encoding,
            ),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types=arrow_types,
                include_columns=list(arrow_types),
                null_values=[""],
                true_values=_TRUE,
                false_values=_FALSE,
                decimal_point=decimal_point,
            ),
        )

    def _open_single_separator(self) -> BinaryIO:
        file = open_bytes(self._file)
        if len(self._dialect.separator) == 1:
            return file
        return io.BufferedReader(_SingleSeparator(file, self._dialect.separator.encode()))

    def _arrow_type(self, column: str, column_type: ColumnType) -> pa.DataType:
        """Return the Arrow type to read a column as, judged by its first text."""
        if column_type == "text":
            return TEXT
        example = next(iter(self._examples(column)), "")
        if column_type == "time":
            return time_type(example)
        return pa.bool_() if example.lower() in ("true", "false") else pa.float64()

    def _examples(self, column: str) -> list[str]:
        """Return the texts that the first rows have in a column."""
        at = self.names.index(column)
        rows = [cells for cells in self._dialect.examples if len(cells) == len(self.names)]
        return [cells[at].strip() for cells in rows if cells[at].strip()]

    def _decimal_point(self, arrow_types: ArrowTypes) -> str:
        """Return a comma if the first rows have numbers with one; "1,000" may be a thousand."""
        numeric = [name for name, kind in arrow_types.items() if pa.types.is_floating(kind)]
        texts = [text for name in numeric for text in self._examples(name)]
        with_comma = [text for text in texts if re.fullmatch(r"[+-]?\d+,\d+", text)]
        unambiguous = any(len(text.partition(",")[2]) != _THOUSANDS for text in with_comma)
        return "," if unambiguous and not any("." in text for text in texts) else "."

    def _rows(self) -> Iterator[TextRow]:
        """Read the data rows one by one: slow, and only to say where an error is."""
        dialect = self._dialect
        with io.TextIOWrapper(
            open_bytes(self._file), text_encoding(dialect.encoding), newline=""
        ) as text:
            for row in read_rows(text, dialect.separator):
                if row.first_line > dialect.skip:
                    yield row

    def _explain(self, arrow_types: ArrowTypes, point: str, error: Exception) -> InputError:
        """Return the error of a file that Arrow refused: its first row that cannot be read."""
        line = 0
        try:
            for line, _, cells in self._rows():
                if len(cells) != len(self.names):
                    return self._wrong_length(line, cells)
                for name, arrow_type in arrow_types.items():
                    cell = cells[self.names.index(name)]
                    if not _fits(cell, arrow_type, point):
                        is_time = pa.types.is_timestamp(arrow_type)
                        fix = "Name another column, or none, in columns.timestamp"
                        problem = f"not a {_description(arrow_type)}"
                        return self._error(problem, line, name, cell, fix if is_time else None)
        except UnicodeDecodeError:
            return self._not_decodable()
        except (csv.Error, *READ_ERRORS) as reason:
            problem = f"the file cannot be read after line {line} ({reason})"
            return self._error(problem, fix="It may be truncated: copy it again")
        return self._error(f"the file cannot be read ({error})")

    def _wrong_length(self, line: int, cells: list[str]) -> InputError:
        return self._error(
            f"{len(cells)} columns where the {'header' if self._dialect.skip else 'first row'}"
            f" has {len(self.names)}",
            line,
            value=self._dialect.separator.join(cells),
            fix="Quote values that hold the separator; a short last line means a truncated file",
        )

    def _not_decodable(self) -> InputError:
        encoding = self._dialect.encoding
        with open_bytes(self._file) as file:
            for line, raw in enumerate(file, 1):
                try:
                    raw.decode(encoding)
                except UnicodeDecodeError as error:
                    return self._error(
                        f"byte {raw[error.start : error.end].hex()} is not {encoding}",
                        line,
                        value=raw.decode(encoding, errors="replace").strip(),
                        fix="Name the file's encoding in the setting 'encoding', such as 'latin-1'",
                    )
        return self._error(f"the file is not {encoding}")

    def _error(
        self,
        problem: str,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
        fix: str | None = None,
    ) -> InputError:
        return InputError(
            problem, file=str(self._file), line=line, column=column, value=value, fix=fix
        )


class _SingleSeparator(io.RawIOBase):
    """A file in which a separator of two bytes reads as the inner one."""

    def __init__(self, file: BinaryIO, separator: bytes) -> None:
        self._file = file
        self._separator = separator
        self._held_back = b""  # a last byte that may begin a separator

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._held_back + self._file.read(len(buffer) - len(self._held_back))
        self._held_back = b""
        if len(data) == len(buffer) and data.endswith(self._separator[:1]):
            data, self._held_back = data[:-1], data[-1:]
        data = data.replace(self._separator, INNER_SEPARATOR.encode())
        buffer[: len(data)] = data
        return len(data)


def _fits(cell: str, arrow_type: pa.DataType, point: str) -> bool:
    if not cell or pa.types.is_dictionary(arrow_type):
        return True
    if pa.types.is_boolean(arrow_type):
        return cell in (*_TRUE, *_FALSE)
    if pa.types.is_floating(arrow_type):
        other_point = {",": ".", ".": ","}[point]
        return other_point not in cell and "_" not in cell and is_number(cell.replace(point, "."))
    try:
        pc.cast(pa.scalar(cell.strip()), arrow_type)
    except pa.ArrowException:
        return False
    return True


def _description(arrow_type: pa.DataType) -> str:
    if pa.types.is_boolean(arrow_type):
        return "truth value, as the first row has one"
    return "number" if pa.types.is_floating(arrow_type) else "time as the first row has it"
