"""What holds a table: files, or what can be opened as one, and tables in memory."""

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from data_prep.errors import InputError
from data_prep.sources.frame import Frame, FrameFile

PARQUET = b"PAR1"
READ_ERRORS = (OSError, EOFError, zlib.error)  # what reading from `open_bytes` may raise
_GZIP = b"\x1f\x8b"
_SAMPLE_BYTES = 4 << 20


class InputFile(Protocol):
    """A Path, or another object that can be opened as one; its str() is what errors show."""

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        ...

    def open(self, mode: Literal["rb"], /) -> io.BufferedReader:
        """Open the file for reading; it may be opened more than once."""
        ...


# Files, directories of which every file is read, and frames: one, or several one after the other.
Sources: TypeAlias = InputFile | Frame | Sequence[InputFile | Frame]


def listed(sources: Sources) -> Sequence[InputFile | Frame]:
    """Return the sources as a sequence, also when it is only one."""
    return sources if isinstance(sources, Sequence) else [sources]


def files_of(sources: Sources, holding: str = "interactions") -> list[InputFile]:
    """Return the files to read, in order: of a directory, every file at any depth by its path.

    Files in a directory are left out if their name, or that of a directory on their way, begins
    with `.` or `_`: such files are markers (`_SUCCESS`), not data.

    Args:
        sources: files, directories and frames.
        holding: what is in them, by which a frame is called.

    Raises:
        InputError: there is no file, or a frame cannot be read.
        TypeError: something is neither a file nor a frame.
    """
    files: list[InputFile] = []
    for number, source in enumerate(listed(sources), 1):
        if isinstance(source, Frame):
            which = f" {number}" if len(listed(sources)) > 1 else ""
            files.append(FrameFile.of(source, f"{type(source).__name__}{which} of {holding}"))
        elif isinstance(source, Path) and source.is_dir():
            inside = (path for path in sorted(source.rglob("*")) if path.is_file())
            files += [path for path in inside if not _is_marker(path.relative_to(source))]
        elif hasattr(source, "open"):
            files.append(source)
        else:
            raise TypeError(
                f"{source!r} is neither a Path nor a table (a DataFrame needs pandas 2.2 or newer)"
            )
    if not files:
        some = [str(source) for source in listed(sources)]
        raise InputError("there is no file to read", file=some[0] if some else None)
    return files


def open_bytes(file: InputFile) -> BinaryIO:
    """Open a file for reading, decompressed when it is gzip (recognised by its first bytes)."""
    return _decompress(file.open("rb"))


def estimated_rows(file: InputFile) -> int:
    """Return about how many rows a file has, judged by its first megabytes; 0 if unreadable."""
    try:
        with file.open("rb") as raw:
            size = raw.seek(0, io.SEEK_END)
            raw.seek(0)
            if raw.peek(len(PARQUET)).startswith(PARQUET):
                return int(pq.ParquetFile(raw).metadata.num_rows)
            lines = _decompress(raw).read(_SAMPLE_BYTES).count(b"\n")
            return round(lines * size / max(raw.tell(), 1))
    except (pa.ArrowException, *READ_ERRORS):
        return 0


def _decompress(raw: io.BufferedReader) -> BinaryIO:
    if raw.peek(len(_GZIP)).startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"))
    return raw


def _is_marker(path: Path) -> bool:
    return any(part[0] in "._" for part in path.parts)
