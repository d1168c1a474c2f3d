"""RecordIO-protobuf bytes to sparse rows, a few megabytes of records at a time.

Records of one layout (the first of them tells which) are compared with its template and taken apart
together, as a rectangle of bytes. A piece that holds anything unusual is read by `parser`,
record by record, which takes whatever Protocol Buffers allow and names what is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.recordio import frames, parser, varint
from data_prep.recordio.frames import Bytes, Places
from data_prep.recordio.parser import Rows
from data_prep.recordio.record_layout import Layout, anywhere, layout

_HEADER = 8  # magic number and length
_WORD = 8
_TOP_BITS = np.uint64(0x8080808080808080)
_SLACK = 16  # words are read whole at any byte of a piece

Batch = tuple[Any, NDArray[np.float32] | None]


def read(file: BinaryIO) -> Batch:
    """All records of `file`: a csr_array (n, d) float32 and labels (n,) float32, or None.

    None when no record has a label. Raises InputError, naming the record, for bytes that are not
    such records: a wrong magic number, a truncated record, a tensor that is not float32, a key
    beyond the width, a width that changes, labels that only some records have.
    """
    batches = list(read_batches(file))
    if not batches:
        raise InputError("there is no record", file=_file_name(file))
    labels = [label for _, label in batches if label is not None]
    features = sp.csr_array(sp.vstack([matrix for matrix, _ in batches], format="csr"))
    return features, np.concatenate(labels) if labels else None


def read_batches(file: BinaryIO) -> Iterator[Batch]:
    """Read the records of `file` as `read` does, a few megabytes at a time."""
    name = _file_name(file)
    columns: int | None = None
    labelled: bool | None = None
    first = 0
    for piece, starts, lengths in frames.pieces(file, name):
        rows = _parse_together(piece, starts, lengths)
        if rows is None:
            rows = parser.parse(piece, starts, lengths, name, first)
        columns = rows.columns if columns is None else columns
        labelled = (rows.labels is not None) if labelled is None else labelled
        if columns != rows.columns:
            raise InputError(
                f"record {first} has feature_dim {rows.columns}, the records before it {columns}",
                file=name,
            )
        if labelled != (rows.labels is not None):
            has, had = ("no", "one") if labelled else ("a", "none")
            raise InputError(
                f"record {first} has {has} label, the records before it have {had}", file=name
            )
        shape = (len(rows.indptr) - 1, columns)
        yield sp.csr_array((rows.data, rows.indices, rows.indptr), shape=shape), rows.labels
        first += len(starts)


def _file_name(file: BinaryIO) -> str | None:
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else None


def _parse_together(piece: Bytes, starts: Places, lengths: Places) -> Rows | None:
    """All records of a piece, or None if one is not laid out as the known writers do it."""
    groups = []
    for size in np.flatnonzero(np.bincount(lengths)).tolist():
        rows = np.flatnonzero(lengths == size)
        while len(rows):
            group = _alike(piece, starts[rows], rows, size)
            if group is None:
                return None
            groups.append(group)
            rows = rows[~group.fits]
    columns = groups[0].columns
    labelled = groups[0].labels is not None
    if any(one.columns != columns or (one.labels is not None) != labelled for one in groups):
        return None
    return _in_order(groups, len(starts), columns)


@dataclass(frozen=True, eq=False)
class _Group:
    """The records among some rows that have the same layout.

    fits (rows given,): which; rows (n,): their numbers; keys, values (n, count); labels (n,).
    """

    fits: NDArray[np.bool_]
    rows: Places
    keys: NDArray[np.integer[Any]]
    values: NDArray[np.float32]
    labels: NDArray[np.float32] | None
    columns: int


def _alike(piece: Bytes, starts: Places, rows: Places, size: int) -> _Group | None:
    """Of records of the same size, those laid out like the first; None if that is unusual."""
    try:
        tensor, label = parser.record(piece[starts[0] : starts[0] + size].tobytes())
        columns = parser.width(tensor)
    except ValueError:
        return None
    sparse = bool(tensor.shape)
    key_bytes = sum(varint.size(key) for key in tensor.keys)
    one = layout(len(tensor.values), key_bytes, columns if sparse else None, label is not None)
    if one.size != _HEADER + size + -size % 4:
        return None
    records = _rectangle(piece, starts - _HEADER, one.size)
    fits = _equal_outside(records, one)
    if not fits[0]:
        return None
    if not fits.all():
        whole = np.dtype(f"V{one.size}")
        places = np.flatnonzero(fits)
        records = np.take(records.reshape(-1).view(whole), places).view(np.uint8)
        records, rows = records.reshape(-1, one.size), rows[places]
    values = _take(records, one.at_values, "<f4", one.values)
    keys = _keys(records, one, columns) if sparse else np.tile(np.arange(columns), (len(rows), 1))
    if keys is None:
        return None
    labels = None if label is None else _take(records, one.at_label, "<f4", 1).reshape(-1)
    return _Group(fits, rows, keys, values, labels, columns)


def _rectangle(piece: Bytes, starts: Places, size: int) -> Bytes:
    """The records (n, size) that start at the given bytes (n,)."""
    if starts[-1] - starts[0] == (len(starts) - 1) * size:
        return piece[starts[0] : starts[-1] + size].reshape(-1, size)
    whole = np.dtype(f"V{size}")
    return anywhere(piece, whole)[starts].view(np.uint8).reshape(-1, size)


def _equal_outside(records: Bytes, one: Layout) -> NDArray[np.bool_]:
    """Whether each record (n,) has the layout's constant bytes, which lie around its variables."""
    constant = np.full(one.size, 0xFF, np.uint8)
    constant[one.at_values : one.at_values + 4 * one.values] = 0
    constant[one.at_keys : one.at_keys + one.key_bytes] = 0
    constant[one.at_label : one.at_label + 4] = 0 if one.labelled else 0xFF
    different = records.view("<u4") ^ np.frombuffer(one.template, "<u4")
    different &= constant.view("<u4")
    if not different.any():
        return np.ones(len(records), np.bool_)
    fits: NDArray[np.bool_] = ~different.any(axis=1)
    return fits


def _take(records: Bytes, column: int, dtype: str, count: int) -> NDArray[Any]:
    """`count` numbers (n, count) from byte `column` of each record, copied."""
    return _part(records, column, np.dtype(dtype).itemsize * count).view(dtype)


def _part(records: Bytes, column: int, size: int) -> Bytes:
    """`size` bytes (n, size) from byte `column` of each record, copied."""
    if not size:
        return np.empty((len(records), 0), np.uint8)
    part = np.ndarray(
        (len(records),), f"V{size}", records, offset=column, strides=records.strides[:1]
    )
    return part.copy().view(np.uint8).reshape(len(records), size)


def _keys(records: Bytes, one: Layout, columns: int) -> NDArray[np.int64] | None:
    """The columns (n, count) of the values; None if a record has others than its layout says."""
    keys = (_short_keys if 0 < one.key_bytes <= _WORD else _long_keys)(records, one)
    return None if keys is None or keys.max(initial=0) >= columns else keys


def _short_keys(records: Bytes, one: Layout) -> NDArray[np.int64] | None:
    """The keys of records whose keys fit a word: taken off its low end one after the other."""
    room = np.zeros((len(records), _WORD), np.uint8)
    room[:, : one.key_bytes] = _part(records, one.at_keys, one.key_bytes)
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


def _long_keys(records: Bytes, one: Layout) -> NDArray[np.int64] | None:
    """The keys of records in general: the ends of the numbers are looked for."""
    encoded = np.zeros(len(records) * one.key_bytes + _SLACK, np.uint8)
    encoded[:-_SLACK] = _part(records, one.at_keys, one.key_bytes).reshape(-1)
    last = np.flatnonzero(encoded[:-_SLACK] < 0x80)
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
    words = anywhere(encoded, np.dtype("<u8"))[first[:-1]]
    spare = ((_WORD - lengths) << 3).astype(np.uint64)
    keys = varint.decode_words(words << spare >> spare)
    return keys.reshape(len(records), one.values)


def _in_order(groups: list[_Group], rows: int, columns: int) -> Rows:
    """The groups' records in their order in the file."""
    kind: type[np.integer[Any]] = np.int32 if columns < 1 << 31 else np.int64
    if len(groups) == 1:
        one = groups[0]
        indptr = np.arange(rows + 1) * one.keys.shape[1]
        return Rows(indptr, one.keys.ravel().astype(kind), one.values.ravel(), one.labels, columns)
    indptr = np.zeros(rows + 1, np.int64)
    for one in groups:
        indptr[one.rows + 1] = one.keys.shape[1]
    np.cumsum(indptr, out=indptr)
    indices = np.empty(indptr[-1], kind)
    data = np.empty(indptr[-1], np.float32)
    labels = None if groups[0].labels is None else np.empty(rows, np.float32)
    alike = len({one.keys.shape[1] for one in groups}) == 1
    for one in groups:
        places = one.rows if alike else indptr[one.rows]
        _store(data, places, one.values, alike)
        _store(indices, places, one.keys.astype(kind), alike)
        if labels is not None:
            labels[one.rows] = one.labels
    return Rows(indptr, indices, data, labels, columns)


def _store(out: NDArray[Any], places: Places, rows: NDArray[Any], alike: bool) -> None:
    """Copy each of the rows (n, count) to its place (n,) in `out`.

    A place is the number of a row when all rows of `out` are alike, else of its first element.
    """
    size = rows.nbytes // len(rows)
    if size:
        dtype = np.dtype("<u8" if size == _WORD else f"V{size}")
        if alike:
            out.view(dtype)[places] = rows.view(dtype).reshape(-1)
        else:
            anywhere(out.view(np.uint8), dtype)[places * out.itemsize] = rows.view(dtype).reshape(
                -1
            )
