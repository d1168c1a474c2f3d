"""RecordIO-protobuf bytes to sparse rows, a few megabytes of records at a time.

The frames are found by their magic numbers and proved by the chain of their lengths. All records
of a piece are then parsed together: a cursor per record moves over the fields in the order in
which the known writers put them. A piece that holds anything else is read by `recordio_parse`,
record by record, which takes whatever Protocol Buffers allow and names what is wrong.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from data_prep import recordio_parse, varint
from data_prep.errors import InputError
from data_prep.recordio_layout import ENTRY_KEY, LABEL_HEAD, LARGEST_PAYLOAD, MAGIC
from data_prep.recordio_parse import Rows

PIECE = 4 << 20
_SLACK = 16  # words are read whole at any byte of a piece

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Batch = tuple[Any, NDArray[np.float32] | None]


class _OtherOrderError(Exception):
    """The records are not laid out as the known writers lay them out."""


def batches(file: BinaryIO, name: str | None) -> Iterator[Batch]:
    """The records of `file` as (csr_array (n, d) float32, labels (n,) or None), piece by piece."""
    columns: int | None = None
    labelled: bool | None = None
    first = 0
    for piece, starts, lengths in _pieces(file, name):
        try:
            rows = _parse_together(piece, starts, lengths)
        except _OtherOrderError:
            rows = recordio_parse.parse(piece, starts, lengths, name, first)
        columns = rows.columns if columns is None else columns
        labelled = (rows.labels is not None) if labelled is None else labelled
        if columns != rows.columns:
            raise InputError(
                f"the records from {first} have {rows.columns} columns, those before {columns}",
                file=name,
            )
        if labelled != (rows.labels is not None):
            raise InputError(f"only some of the records before or after {first} have a label")
        shape = (len(rows.indptr) - 1, columns)
        yield sp.csr_array((rows.data, rows.indices, rows.indptr), shape=shape), rows.labels
        first += len(starts)


def _pieces(file: BinaryIO, name: str | None) -> Iterator[tuple[Bytes, Places, Places]]:
    """Whole records: bytes (with slack after them), payload starts (n,), payload lengths (n,)."""
    rest = b""
    done = 0
    records = 0
    while True:
        read = file.read(max(PIECE, len(rest)))
        data = rest + read
        if not data:
            return
        piece = np.zeros(len(data) + _SLACK + -len(data) % 4, np.uint8)
        piece[: len(data)] = np.frombuffer(data, np.uint8)
        starts, lengths = _frames(piece, len(data))
        end = int(starts[-1] + lengths[-1] + -lengths[-1] % 4) if len(starts) else 0
        if not read or (len(data) - end >= 8):
            _check_frame(data, end, bool(read), records + len(starts), done + end, name)
        if len(starts):
            yield piece, starts, lengths
        rest = data[end:]
        done += end
        records += len(starts)
        if not read:
            return


def _check_frame(
    data: bytes, at: int, more: bool, record: int, offset: int, name: str | None
) -> None:
    """Raise when the record at `at`, which is not whole, will not become whole by reading on."""
    if at == len(data):
        return
    magic, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
    where = f"record {record}, at byte {offset},"
    if len(magic) == 4 and int.from_bytes(magic, "little") != MAGIC:
        raise InputError(
            f"{where} does not start with RecordIO's magic number",
            file=name,
            value=magic.hex(),
            fix="The file is not RecordIO-protobuf, or bytes were lost before this record",
        )
    if length > LARGEST_PAYLOAD:
        raise InputError(f"{where} is split into parts, which SageMaker does not write", file=name)
    if not more:
        raise InputError(
            f"{where} is truncated: {len(data) - at} of its {8 + length + -length % 4} bytes",
            file=name,
        )


def _frames(piece: Bytes, size: int) -> tuple[Places, Places]:
    """Starts and lengths of the payloads of the whole records at the beginning of the piece."""
    words = piece.view("<u4")
    found = np.flatnonzero(words[: size // 4] == MAGIC)
    found = found[found < size // 4 - 1]
    lengths = words[found + 1].astype(np.int64)
    following = found + 2 + (lengths + 3) // 4
    good = len(found) > 0 and found[0] == 0 and bool((following[:-1] == found[1:]).all())
    if not good:
        found, lengths, following = _walk(words, size // 4)
    whole = (following * 4 <= size) & (lengths <= LARGEST_PAYLOAD)
    count = len(whole) if whole.all() else int(np.argmin(whole))
    return found[:count] * 4 + 8, lengths[:count]


def _walk(words: NDArray[np.uint32], count: int) -> tuple[Places, Places, Places]:
    """The frames one after the other, when a magic number occurs inside a payload as well."""
    found = []
    at = 0
    while at + 1 < count and words[at] == MAGIC:
        found.append(at)
        at += 2 + (int(words[at + 1]) + 3) // 4
    places = np.array(found, np.int64)
    lengths = words[places + 1].astype(np.int64)
    return places, lengths, places + 2 + (lengths + 3) // 4


class _Cursors:
    """One position per record, moved together; raises _OtherOrderError at anything unexpected."""

    def __init__(self, piece: Bytes, starts: Places, lengths: Places) -> None:
        self.bytes = piece
        self.words = np.ndarray((len(piece) - 7,), "<u8", piece, strides=(1,))
        self.at = starts
        self.end = starts + lengths

    def expect(self, constant: bytes) -> None:
        """Move over bytes (at most eight) that every record has here."""
        mask = np.uint64((1 << 8 * len(constant)) - 1)
        wanted = np.uint64(int.from_bytes(constant, "little"))
        if ((self.words[self.at] & mask) != wanted).any():
            raise _OtherOrderError
        self.move(self.at + len(constant))

    def move(self, to: Places) -> None:
        if (to > self.end).any():
            raise _OtherOrderError
        self.at = to

    def number(self) -> Places:
        """Move over a varint and return its value (n,)."""
        values, lengths = _varints(self.words[self.at])
        self.move(self.at + lengths)
        return values

    def optional(self, tag: int) -> tuple[Places, Places]:
        """Move over a length-delimited field if it is there: start and size, zero if it is not."""
        sizes = np.zeros(len(self.at), np.int64)
        present = (self.bytes[self.at] == tag) & (self.at < self.end)
        rows = slice(None) if present.all() else np.flatnonzero(present)
        sizes[rows], lengths = _varints(self.words[self.at[rows] + 1])
        starts = self.at.copy()
        starts[rows] += 1 + lengths
        self.move(starts + sizes)
        return starts, sizes


def _varints(words: NDArray[np.uint64]) -> tuple[Places, Places]:
    """Values and lengths of the varints (of at most eight bytes) at the start of each word."""
    if (words & np.uint64(0x80) == 0).all():
        return (words & np.uint64(0x7F)).astype(np.int64), np.ones(len(words), np.int64)
    ends = ~words & np.uint64(0x8080808080808080)
    if not ends.all():
        raise _OtherOrderError
    below_end = (ends & (~ends + np.uint64(1))) - np.uint64(1)
    lengths = (np.bitwise_count(below_end).astype(np.int64) + 1) >> 3
    return varint.decode_words(words, lengths), lengths


def _parse_together(piece: Bytes, starts: Places, lengths: Places) -> Rows:
    """All records of a piece, when they have the usual layout; raises _OtherOrderError if not."""
    cursors = _Cursors(piece, starts, lengths)
    cursors.expect(b"\x0a")
    ends = cursors.number()
    ends = ends + cursors.at
    cursors.expect(ENTRY_KEY)
    for _ in ("value", "float32 tensor"):
        cursors.expect(b"\x12")
        sizes = cursors.number()
        if (cursors.at + sizes != ends).any():
            raise _OtherOrderError
    at_values, value_bytes = cursors.optional(0x0A)
    at_keys, key_bytes = cursors.optional(0x12)
    at_shape, shape_bytes = cursors.optional(0x1A)
    if (cursors.at != ends).any() or (value_bytes % 4).any():
        raise _OtherOrderError
    counts = value_bytes // 4
    columns, sparse = _columns(cursors, at_shape, shape_bytes, counts)
    indptr = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=indptr[1:])
    singles = np.ndarray((len(piece) - 3,), "<f4", piece, strides=(1,))
    values = singles[np.repeat(at_values - 4 * indptr[:-1], counts) + 4 * np.arange(indptr[-1])]
    if sparse:
        keys = _keys(piece, at_keys, key_bytes, indptr, columns)
    elif key_bytes.any():
        raise _OtherOrderError
    else:
        keys = np.tile(np.arange(columns), len(counts))
    return Rows(indptr, keys, values, _labels(cursors, singles), columns)


def _columns(
    cursors: _Cursors, at_shape: Places, shape_bytes: Places, counts: Places
) -> tuple[int, bool]:
    """The width of the matrix, and whether the records are sparse (have a shape)."""
    if not shape_bytes.any() and (counts == counts[0]).all() and counts[0]:
        return int(counts[0]), False
    columns, lengths = _varints(cursors.words[at_shape])
    if (lengths != shape_bytes).any() or (columns != columns[0]).any():
        raise _OtherOrderError
    return int(columns[0]), True


def _keys(
    piece: Bytes, at_keys: Places, key_bytes: Places, indptr: Places, columns: int
) -> NDArray[np.int64]:
    """The column of every value (nnz,), from the concatenated encodings of each record."""
    before = np.zeros(len(key_bytes) + 1, np.int64)
    np.cumsum(key_bytes, out=before[1:])
    encoded = np.zeros(before[-1] + _SLACK, np.uint8)
    encoded[: before[-1]] = piece[
        np.repeat(at_keys - before[:-1], key_bytes) + np.arange(before[-1])
    ]
    last = np.flatnonzero(encoded[: before[-1]] < 0x80)
    if len(last) != indptr[-1]:
        raise _OtherOrderError
    first = np.zeros(len(last) + 1, np.int64)
    first[1:] = last + 1
    if (first[indptr] != before).any():
        raise _OtherOrderError
    lengths = np.diff(first)
    if (lengths > 8).any():
        raise _OtherOrderError
    words = np.ndarray((len(encoded) - 7,), "<u8", encoded, strides=(1,))
    keys = varint.decode_words(words[first[:-1]], lengths)
    if (keys >= columns).any():
        raise _OtherOrderError
    return keys


def _labels(cursors: _Cursors, singles: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The labels (n,), or None when every record ends after its features."""
    if (cursors.at == cursors.end).all():
        return None
    for part in (LABEL_HEAD[:8], LABEL_HEAD[8:]):
        cursors.expect(part)
    at_label = cursors.at
    cursors.move(at_label + 4)
    if (cursors.at != cursors.end).any():
        raise _OtherOrderError
    return singles[at_label]
