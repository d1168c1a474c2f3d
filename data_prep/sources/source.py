"""A table in a file, whatever its format: what it offers to the pipeline, and how it is opened."""

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

import pyarrow as pa

from data_prep.column_settings import Feature
from data_prep.errors import InputError
from data_prep.sources.arrow_types import ColumnTypes
from data_prep.sources.csv_source import CsvSource
from data_prep.sources.input_file import PARQUET, READ_ERRORS, InputFile, open_bytes
from data_prep.sources.json_lines_source import JsonLinesSource
from data_prep.sources.parquet_source import ParquetSource

_HEAD_BYTES = 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_FORMATS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook: unpack it, or save it as CSV",
    b"BZh": "compressed with bzip2: only gzip is read",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: only gzip is read",
    b"\xfd7zXZ": "compressed with xz: only gzip is read",
    b"ORC": "an ORC file: save it as Parquet",
    b"Obj\x01": "an Avro file: save it as Parquet",
}
_JSON_ARRAY = re.compile(rb"\[\s*\{")


class Source(Protocol):
    """A table in a file."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        ...

    @property
    def declared_features(self) -> Mapping[str, Feature]:
        """What the format declares of the values of some columns, by name."""
        ...

    def batches(self, column_types: ColumnTypes, block_bytes: int) -> Iterator[pa.RecordBatch]:
        """Read the table from its beginning.

        Args:
            column_types: the columns to read, and the type to convert each to.
            block_bytes: the size of a batch, roughly, as it stands in the file.

        Raises:
            InputError: the file is damaged, or a value cannot be converted; with its place.
        """
        ...

    def error_at(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        """Return the error for the value of `column` in `row` (from 0), with its place."""
        ...


def open_source(file: InputFile, separator: str | None, encoding: str) -> Source:
    """Open the table in a file; Parquet and JSON Lines are recognised by their first bytes.

    Args:
        file: the file.
        separator: of CSV; None to detect it.
        encoding: of CSV.

    Raises:
        InputError: there is no such file, or none of these formats can be read in it.
    """
    try:
        with file.open("rb") as raw:
            magic = raw.read(len(PARQUET))
        if magic == PARQUET:
            return ParquetSource.open(file)
        with open_bytes(file) as text:
            head = text.read(_HEAD_BYTES).removeprefix(_BYTE_ORDER_MARK).lstrip()
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(file)) from None
    except READ_ERRORS as error:
        raise InputError(f"the file cannot be read ({error})", file=str(file)) from None
    for beginning, description in _OTHER_FORMATS.items():
        if head.startswith(beginning):
            raise InputError(f"the file is {description}", file=str(file))
    if head.startswith(b"{"):
        return JsonLinesSource.open(file)
    if _JSON_ARRAY.match(head):
        raise InputError(
            "the file is one JSON array",
            file=str(file),
            fix="Write one object a line: jq -c '.[]' does",
        )
    return CsvSource.open(file, separator, encoding)
