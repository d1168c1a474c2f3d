"""A piece of RecordIO-protobuf to sparse rows, without a loop over its records.

The first record of each size shows a layout. Its constant bytes are compared with those of the
other records, and what lies between them is taken out of all of them, as a rectangle of bytes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bools, Bytes, Float32s, Int64s, Integers
from data_prep.recordio import parser, varint
from data_prep.recordio.frames import SLACK, Piece
from data_prep.recordio.parser import ParsedRows
from data_prep.recordio.record_layout import HEADER, Layout, layout, overlapping

_WORD = 8  # bytes
_TOP_BITS = np.uint64(0x8080808080808080)


def read_piece(piece: Piece) -> ParsedRows | None:
    """Return the rows of a piece, or None if a record is not laid out as known writers do it."""
    raw, starts, lengths = piece
    groups = []
    for size in np.flatnonzero(np.bincount(lengths)).tolist():
        rows = np.flatnonzero(lengths == size)
        while len(rows):
            group = _read_like_first(raw, starts[rows], rows, size)
            if group is None:
                return None
            groups.append(group)
            rows = rows[~group.same_layout]
    columns = groups[0].columns
    labelled = groups[0].labels is not None
    if any(one.columns != columns or (one.labels is not None) != labelled for one in groups):
        return None
    return _in_order(groups, len(starts), columns)


@dataclass(frozen=True, eq=False)
class _Group:
    """Records of one layout.

    Attributes:
        same_layout: which of the records that were looked at have it.
        rows: (n,) the numbers of these in the piece.
        keys: (n, count) their columns.
        values: (n, count).
        labels: (n,), or None.
        columns: the width of the matrix.
    """

    same_layout: Bools
    rows: Int64s
    keys: Integers
    values: Float32s
    labels: Float32s | None
    columns: int


def _read_like_first(raw: Bytes, starts: Int64s, rows: Int64s, size: int) -> _Group | None:
    """Return those of the records of one size that are laid out as the first; None: not usual."""
    try:
        tensor, label = parser.parse_record(raw[starts[0] : starts[0] + size].tobytes())
        columns = parser.column_count(tensor)
    except ValueError:
        return None
    sparse = bool(tensor.shape)
    key_bytes = sum(varint.size(key) for key in tensor.keys)
    first = layout(len(tensor.values), key_bytes, columns if sparse else None, label is not None)
    if first.size != HEADER + size + -size % 4:
        return None
    records = _rectangle(raw, starts - HEADER, first.size)
    same_layout = _equal_outside(records, first)
    if not same_layout[0]:
        return None
    if not same_layout.all():
        record = np.dtype(f"V{first.size}")
        kept = np.flatnonzero(same_layout)
        records = np.take(records.reshape(-1).view(record), kept).view(np.uint8)
        records, rows = records.reshape(-1, first.size), rows[kept]
    values = _numbers(records, first.at_values, "<f4", first.values)
    keys = _keys(records, first, columns) if sparse else np.tile(np.arange(columns), (len(rows), 1))
    if keys is None:
        return None
    labels = None if label is None else _numbers(records, first.at_label, "<f4", 1).reshape(-1)
    return _Group(same_layout, rows, keys, values, labels, columns)


def _rectangle(raw: Bytes, starts: Int64s, size: int) -> Bytes:
    """Return the records (n, size) that start at bytes `starts` (n,)."""
    if starts[-1] - starts[0] == (len(starts) - 1) * size:
        return raw[starts[0] : starts[-1] + size].reshape(-1, size)
    record = np.dtype(f"V{size}")
    return overlapping(raw, record)[starts].view(np.uint8).reshape(-1, size)


def _equal_outside(records: Bytes, one: Layout) -> Bools:
    """Tell which records (n,) have the layout's constant bytes, around values, keys and label."""
    constant = np.full(one.size, 0xFF, np.uint8)
    constant[one.at_values : one.at_values + 4 * one.values] = 0
    constant[one.at_keys : one.at_keys + one.key_bytes] = 0
    constant[one.at_label : one.at_label + 4] = 0 if one.labelled else 0xFF
    different = records.view("<u4") ^ np.frombuffer(one.template, "<u4")
    different &= constant.view("<u4")
    if not different.any():
        return np.ones(len(records), np.bool_)
    equal: Bools = ~different.any(axis=1)
    return equal


def _numbers(records: Bytes, column: int, dtype: str, count: int) -> NDArray[Any]:
    """Return `count` numbers (n, count) from byte `column` of each record, copied."""
    return _bytes_at(records, column, np.dtype(dtype).itemsize * count).view(dtype)


def _bytes_at(records: Bytes, column: int, size: int) -> Bytes:
    """Return `size` bytes (n, size) from byte `column` of each record, copied."""
    if not size:
        return np.empty((len(records), 0), np.uint8)
    part = np.ndarray(
        (len(records),), f"V{size}", records, offset=column, strides=records.strides[:1]
    )
    return part.copy().view(np.uint8).reshape(len(records), size)


def _keys(records: Bytes, one: Layout, columns: int) -> Int64s | None:
    """Return the columns (n, count) of the values; None if they contradict the layout."""
    keys = (_short_keys if 0 < one.key_bytes <= _WORD else _long_keys)(records, one)
    return None if keys is None or keys.max(initial=0) >= columns else keys


def _short_keys(records: Bytes, one: Layout) -> Int64s | None:
    """Return keys (n, count) that fit a word: taken off its low end one after the other."""
    room = np.zeros((len(records), _WORD), np.uint8)
    room[:, : one.key_bytes] = _bytes_at(records, one.at_keys, one.key_bytes)
    rest = room.view("<u8").reshape(-1)
    keys = np.empty((len(records), one.values), np.int64)
    size = np.zeros(len(records), np.uint64)
    ended = np.ones(len(records), np.bool_)
    for place in range(one.values):
        last = ~rest & _TOP_BITS  # of the bytes that end a number
        last &= ~last + np.uint64(1)  # the lowest of them
        ended &= last != 0
        low = (last << np.uint64(1)) - np.uint64(1)
        keys[:, place] = varint.decode_words(rest & low)
        bits = np.bitwise_count(low).astype(np.uint64)
        size += bits
        rest = np.where(bits < _WORD * 8, rest >> (bits & np.uint64(63)), np.uint64(0))
    ended &= size == 8 * one.key_bytes
    return keys if ended.all() else None


def _long_keys(records: Bytes, one: Layout) -> Int64s | None:
    """Return keys (n, count) of any length, by the bytes that end a number."""
    encoded = np.zeros(len(records) * one.key_bytes + SLACK, np.uint8)
    encoded[:-SLACK] = _bytes_at(records, one.at_keys, one.key_bytes).reshape(-1)
    last = np.flatnonzero(encoded[:-SLACK] < 0x80)
    if len(last) != len(records) * one.values:
        return None
    first = np.zeros(len(last) + 1, np.int64)
    first[1:] = last + 1
    begin = np.arange(len(records) + 1) * one.key_bytes
    if one.values and (first[:: one.values] != begin).any():
        return None
    lengths = np.diff(first)
    if lengths.max(initial=0) > _WORD:
        return None
    words = overlapping(encoded, np.dtype("<u8"))[first[:-1]]
    spare = ((_WORD - lengths) << 3).astype(np.uint64)
    keys = varint.decode_words(words << spare >> spare)
    return keys.reshape(len(records), one.values)


def _in_order(groups: list[_Group], rows: int, columns: int) -> ParsedRows:
    """Return the records of all groups in the order of the file."""
    kind: type[np.integer[Any]] = np.int32 if columns < 1 << 31 else np.int64
    if len(groups) == 1:
        one = groups[0]
        indptr = np.arange(rows + 1) * one.keys.shape[1]
        return ParsedRows(
            indptr, one.keys.ravel().astype(kind), one.values.ravel(), one.labels, columns
        )
    indptr = np.zeros(rows + 1, np.int64)
    for one in groups:
        indptr[one.rows + 1] = one.keys.shape[1]
    np.cumsum(indptr, out=indptr)
    indices = np.empty(indptr[-1], kind)
    data = np.empty(indptr[-1], np.float32)
    labels = None if groups[0].labels is None else np.empty(rows, np.float32)
    same_count = len({one.keys.shape[1] for one in groups}) == 1
    for one in groups:
        places = one.rows if same_count else indptr[one.rows]
        _store(data, places, one.values, same_count)
        _store(indices, places, one.keys.astype(kind), same_count)
        if labels is not None:
            labels[one.rows] = one.labels
    return ParsedRows(indptr, indices, data, labels, columns)


def _store(out: NDArray[Any], places: Int64s, rows: NDArray[Any], same_count: bool) -> None:
    """Copy each of the rows (n, count) to its place (n,) in `out`.

    A place is the number of the row when all rows of `out` have the same number of elements, and
    the index of its first element when they have not.
    """
    size = rows.nbytes // len(rows)
    if size:
        dtype = np.dtype("<u8" if size == _WORD else f"V{size}")
        if same_count:
            out.view(dtype)[places] = rows.view(dtype).reshape(-1)
        else:
            overlapping(out.view(np.uint8), dtype)[places * out.itemsize] = rows.view(
                dtype
            ).reshape(-1)
