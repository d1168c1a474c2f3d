"""The dialect of a delimited text file: separator, header, and what the header declares."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, TextIO

from data_prep.column_settings import Feature, FeatureKind
from data_prep.errors import InputError
from data_prep.sources.arrow_types import is_number
from data_prep.sources.input_file import READ_ERRORS, InputFile, open_bytes
from data_prep.sources.movielens import names_without_header

SEPARATORS = ("::", "\t", ",", ";", "|")
INNER_SEPARATOR = "\x1f"  # what "::" becomes: parsers take one character
_SAMPLE_BYTES = 1 << 16
_LARGEST_SAMPLE = 1 << 26  # a header may be long, but a file without a line's end is not a table
# RecBole's atomic files: https://recbole.io/docs/user_guide/data/atomic_files.html
_TYPES: dict[str, tuple[FeatureKind, str | None]] = {
    "token": ("categorical", None),
    "token_seq": ("multi_valued", " "),
    "float": ("numeric", None),
}


@dataclass(frozen=True)
class Dialect:
    """How a file is to be read.

    Attributes:
        separator: one or two characters.
        names: the columns.
        skip: the lines up to the header and with it; 0 if there is none.
        encoding: the codec's name.
        examples: the cells of the first data rows.
        declared_features: what a typed header declares, by name.
    """

    separator: str
    names: tuple[str, ...]
    skip: int
    encoding: str
    examples: tuple[tuple[str, ...], ...]
    declared_features: dict[str, Feature] = field(default_factory=dict)


def detect(file: InputFile, separator: str | None, encoding: str) -> Dialect:
    """Return the dialect of a file, judged by its first rows.

    Args:
        file: the file.
        separator: None to detect it.
        encoding: the encoding of the text.

    Raises:
        InputError: the file is empty, not text in the encoding, or not a table with names.
    """
    encoding = _codec_name(file, encoding)
    text = _sample(file, encoding)
    separator = separator or _separator(file, next(filter(str.strip, text.splitlines()), ""))
    rows = list(read_rows(io.StringIO(text, newline=""), separator))
    while not "".join(rows[0].cells).strip():
        del rows[0]
    (_, end, first), *others = rows
    examples = tuple(tuple(row.cells) for row in others)
    movielens = names_without_header(first, separator)
    if movielens is not None:
        return Dialect(separator, movielens, 0, encoding, (tuple(first), *examples))
    if all(map(is_number, first)):
        raise InputError(
            f"the file has no header, and {len(first)} columns",
            file=str(file),
            line=1,
            fix="Without a header the columns must be MovieLens' user, item, rating and, if there "
            "is one, timestamp: add a header line",
        )
    names, declared_features = _parse_header(first)
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                "the header has this column twice",
                file=str(file),
                line=rows[0].first_line,
                column=name,
                fix="Give each column a name of its own",
            )
    if not others:
        raise InputError("the file has a header and no rows", file=str(file))
    return Dialect(separator, names, end, encoding, examples, declared_features)


class TextRow(NamedTuple):
    """A row of text: the lines that it begins and ends in, from 1, and its cells."""

    first_line: int
    last_line: int
    cells: list[str]


def read_rows(text: TextIO, separator: str) -> Iterator[TextRow]:
    """Yield the rows of a text, except for empty lines."""
    csv.field_size_limit((1 << 31) - 1)  # a text may be longer than csv takes by itself
    if len(separator) > 1:
        reader = csv.reader(
            (line.replace(separator, INNER_SEPARATOR) for line in text), delimiter=INNER_SEPARATOR
        )
    else:
        reader = csv.reader(text, delimiter=separator)
    line = 1
    for cells in reader:
        if cells:
            yield TextRow(line, reader.line_num, cells)
        line = reader.line_num + 1


def _codec_name(file: InputFile, encoding: str) -> str:
    """Return the one name of an encoding that has several."""
    try:
        name = codecs.lookup(encoding).name
        b"text".decode(encoding, errors="replace")  # some codecs are not for text
    except (LookupError, UnicodeError):
        raise InputError("there is no such encoding", file=str(file), value=encoding) from None
    return "utf-8" if name == "utf-8-sig" else name


def _sample(file: InputFile, encoding: str) -> str:
    """Return the beginning of a file as text: whole lines, and two of them if there are two."""
    raw = b""
    try:
        with open_bytes(file) as source:
            while more := source.read(max(_SAMPLE_BYTES, len(raw))):
                raw += more
                text = raw.decode(text_encoding(encoding), errors="replace")
                lines = list(islice(filter(str.strip, io.StringIO(text, newline="")), 3))
                if len(lines) > 2 or len(raw) > _LARGEST_SAMPLE:
                    text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
                    break
    except READ_ERRORS as error:
        raise InputError(
            f"the file cannot be read ({error})",
            file=str(file),
            fix="It is damaged or truncated: copy it again",
        ) from None
    if not raw or not lines:
        raise InputError("the file is empty", file=str(file))
    if "\0" in text:
        raise InputError(
            f"the file is not text in {encoding}: it has zero bytes",
            file=str(file),
            line=text.count("\n", 0, text.index("\0")) + 1,
            fix="Save it as UTF-8, or name its encoding in the setting 'encoding'",
        )
    return text


def text_encoding(encoding: str) -> str:
    """Return the codec that leaves a byte order mark out of the text."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _separator(file: InputFile, line: str) -> str:
    outside_quotes = "".join(line.split('"')[::2])
    counts = {separator: outside_quotes.count(separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: counts[separator])
    if not counts[best]:
        raise InputError(
            "no separator found: looked for '::', tab, comma, semicolon and bar",
            file=str(file),
            line=1,
            value=line,
            fix="Name it in the setting 'separator'",
        )
    return "::" if counts["::"] else best


def _parse_header(header: list[str]) -> tuple[tuple[str, ...], dict[str, Feature]]:
    """Return the names, and what they declare when every column is called `name:type`."""
    parts = [name.strip().rpartition(":") for name in header]
    if all(name and kind in (*_TYPES, "float_seq") for name, _, kind in parts):
        known = {name: _TYPES[kind] for name, _, kind in parts if kind in _TYPES}
        declared_features = {
            name: Feature(name=name, kind=kind, separator=separator)
            for name, (kind, separator) in known.items()
        }
        return tuple(name for name, _, _ in parts), declared_features
    return tuple(name.strip() for name in header), {}
