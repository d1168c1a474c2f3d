"""A table in a file, whatever its format: what the pipeline asks of it, and how it is opened."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from data_prep.errors import InputError
from data_prep.settings import Feature
from data_prep.sources.arrow_types import Forms
from data_prep.sources.csv_source import CsvSource
from data_prep.sources.input_file import PARQUET, READ_ERRORS, InputFile, open_bytes
from data_prep.sources.json_lines_source import JsonLinesSource
from data_prep.sources.parquet_source import ParquetSource

_OTHERS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook: unpack it, or save it as CSV",
    b"BZh": "compressed with bzip2: only gzip is read",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: only gzip is read",
    b"\xfd7zXZ": "compressed with xz: only gzip is read",
    b"ORC": "an ORC file: save it as Parquet",
    b"Obj\x01": "an Avro file: save it as Parquet",
}
_ARRAY = re.compile(rb"\[\s*\{")


class Source(Protocol):
    """A table: its column names, and what its format declares of them."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def declared(self) -> Mapping[str, Feature]: ...

    def batches(self, forms: Forms, block_bytes: int) -> Iterator[Any]:
        """Record batches with the wanted columns, in their forms, of about `block_bytes` each."""

    def refusal(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        """The error for the value of `column` in `row` (from 0), with its place in the file."""


def open_source(path: InputFile, separator: str | None, encoding: str) -> Source:
    """The table in the file; Parquet and JSON Lines are known by their first bytes."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(PARQUET))
        if magic == PARQUET:
            return ParquetSource(path)
        with open_bytes(path) as text:
            begin = text.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        for known, what in _OTHERS.items():
            if begin.startswith(known):
                raise InputError(f"the file is {what}", file=str(path))
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except READ_ERRORS as error:
        raise InputError(f"the file cannot be read ({error})", file=str(path)) from None
    if begin.startswith(b"{"):
        return JsonLinesSource(path)
    if _ARRAY.match(begin):
        raise InputError(
            "the file is one JSON array",
            file=str(path),
            fix="Write one object a line: jq -c '.[]' does",
        )
    return CsvSource(path, separator, encoding)
