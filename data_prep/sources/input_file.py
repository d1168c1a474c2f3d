"""What interactions are read from: files, or what opens as one; and how many rows it holds."""

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from data_prep.errors import InputError

PARQUET = b"PAR1"
READ_ERRORS = (OSError, EOFError, zlib.error)  # what reading from `open_bytes` may raise
_GZIP = b"\x1f\x8b"
_SAMPLE = 4 << 20


class InputFile(Protocol):
    """A Path, or something else that can be opened as one; str() tells people what it is."""

    @property
    def name(self) -> str: ...

    def open(self, mode: Literal["rb"], /) -> io.BufferedReader: ...


def files_of(sources: Sequence[InputFile]) -> list[InputFile]:
    """Return the files to read, in order: of a directory, every file at any depth by its path.

    Files in a directory are left out if their name, or that of a directory on their way, begins
    with `.` or `_`: such files are markers (`_SUCCESS`), not data.

    Raises:
        InputError: there is no file.
    """
    files: list[InputFile] = []
    for source in sources:
        if isinstance(source, Path) and source.is_dir():
            inside = (path for path in sorted(source.rglob("*")) if path.is_file())
            files += [path for path in inside if not _is_marker(path.relative_to(source))]
        else:
            files.append(source)
    if not files:
        raise InputError("there is no file to read", file=str(sources[0]) if sources else None)
    return files


def open_bytes(path: InputFile) -> BinaryIO:
    """The file's bytes, decompressed when it is gzip (known by its first bytes)."""
    return _decompressed(path.open("rb"))


def estimated_rows(path: InputFile) -> int:
    """About how many rows the file has, told from its first megabytes; 0 if it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            if file.peek(len(PARQUET)).startswith(PARQUET):
                return int(pq.ParquetFile(file).metadata.num_rows)
            lines = _decompressed(file).read(_SAMPLE).count(b"\n")
            return round(lines * size / max(file.tell(), 1))
    except (pa.ArrowException, *READ_ERRORS):
        return 0


def _decompressed(file: io.BufferedReader) -> BinaryIO:
    if file.peek(len(_GZIP)).startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=file, mode="rb"))
    return file


def _is_marker(path: Path) -> bool:
    return any(part[0] in "._" for part in path.parts)
