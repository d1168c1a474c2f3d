"""How a delimited text file is written: separator, header, and what the header declares."""

import csv
import gzip
import io
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from data_prep.errors import InputError
from data_prep.settings import Feature, FeatureKind

SEPARATORS = ("::", "\t", ",", ";", "|")
_SAMPLE = 1 << 16
_GZIP = b"\x1f\x8b"
READ_ERRORS = (OSError, EOFError, zlib.error)  # what reading from `open_bytes` may raise
# RecBole's atomic files: https://recbole.io/docs/user_guide/data/atomic_files.html
_TYPES: dict[str, tuple[FeatureKind, str | None]] = {
    "token": ("categorical", None),
    "token_seq": ("multi_valued", " "),
    "float": ("numeric", None),
}
# MovieLens' u.data and ratings.dat have no header: this is their README's order.
_MOVIELENS = ("user_id", "item_id", "rating", "timestamp")


@dataclass(frozen=True)
class Dialect:
    """How to read the file, and what is known of it before it is read.

    separator: one or two characters; skip: lines up to and with the header, 0 without one;
    declared: what a typed header says of each column; example: the cells of the first data row.
    """

    separator: str
    names: tuple[str, ...]
    skip: int
    encoding: str
    example: tuple[str, ...]
    declared: dict[str, Feature] = field(default_factory=dict)


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, decompressed when it is gzip (known by its first bytes)."""
    file = path.open("rb")
    if file.peek(2)[:2] == _GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=file, mode="rb"))
    return file


def detect(path: Path, separator: str | None, encoding: str) -> Dialect:
    """The dialect of the file, from its first lines; raises InputError when there is none."""
    sample = _sample(path, encoding).splitlines()
    lines = [line for line in sample if line.strip()]
    if not lines:
        raise InputError("the file is empty", file=str(path))
    separator = separator or _separator(path, lines[0])
    first = _fields(lines[0], separator)
    if all(is_number(cell) for cell in first):
        return Dialect(separator, _unnamed(path, first), 0, encoding, tuple(first))
    names, declared = _typed(first)
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                "the header has this column twice",
                file=str(path),
                line=1,
                column=name,
                fix="Give each column a name of its own",
            )
    if len(lines) == 1:
        raise InputError("the file has a header and no rows", file=str(path))
    example = tuple(_fields(lines[1], separator))
    return Dialect(separator, names, sample.index(lines[0]) + 1, encoding, example, declared)


def _sample(path: Path, encoding: str) -> str:
    """The beginning of the file, as text."""
    try:
        with open_bytes(path) as file:
            sample = file.read(_SAMPLE)
        text = sample.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except READ_ERRORS as error:
        raise InputError(f"the file cannot be read ({error})", file=str(path)) from None
    except (LookupError, UnicodeError):
        raise InputError("there is no such encoding", file=str(path), value=encoding) from None
    if "\0" in text:
        raise InputError(
            f"the file is not text in {encoding}: it has zero bytes",
            file=str(path),
            line=text.count("\n", 0, text.index("\0")) + 1,
            fix="Save it as UTF-8, or name its encoding in the setting 'encoding'",
        )
    return text


def _separator(path: Path, line: str) -> str:
    outside_quotes = "".join(line.split('"')[::2])
    counts = {one: outside_quotes.count(one) for one in SEPARATORS}
    best = max(SEPARATORS, key=lambda one: counts[one])
    if not counts[best]:
        raise InputError(
            "no separator found: looked for '::', tab, comma, semicolon and bar",
            file=str(path),
            line=1,
            value=line,
            fix="Name it in the setting 'separator'",
        )
    return "::" if counts["::"] else best


def _fields(line: str, separator: str) -> list[str]:
    if len(separator) > 1:
        return line.split(separator)
    return next(csv.reader([line], delimiter=separator))


def is_number(cell: str) -> bool:
    """Whether Python reads the cell as a number; NaN and infinities are."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _unnamed(path: Path, first: list[str]) -> tuple[str, ...]:
    if len(first) not in (3, 4):
        raise InputError(
            f"the file has no header, and {len(first)} columns",
            file=str(path),
            line=1,
            fix="Without a header the columns must be MovieLens' user, item, rating and, if there "
            "is one, timestamp: add a header line",
        )
    return _MOVIELENS[: len(first)]


def _typed(header: list[str]) -> tuple[tuple[str, ...], dict[str, Feature]]:
    """Names and declarations of `name:type` columns, when every column is one."""
    parts = [name.strip().rpartition(":") for name in header]
    if all(name and kind in (*_TYPES, "float_seq") for name, _, kind in parts):
        known = {name: _TYPES[kind] for name, _, kind in parts if kind in _TYPES}
        declared = {
            name: Feature(name=name, kind=kind, separator=separator)
            for name, (kind, separator) in known.items()
        }
        return tuple(name for name, _, _ in parts), declared
    return tuple(name.strip() for name in header), {}
