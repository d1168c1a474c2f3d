"""RecordIO-protobuf bytes to sparse rows, a few megabytes of records at a time.

The frames are found by their magic numbers and proved by the chain of their lengths. Records of
one layout (the first of them tells which) are compared with its template and taken apart together,
as a rectangle of bytes. A piece that holds anything unusual is read by `recordio_parse`, record by
record, which takes whatever Protocol Buffers allow and names what is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from data_prep import recordio_parse, varint
from data_prep.errors import InputError
from data_prep.recordio_layout import LARGEST_PAYLOAD, MAGIC, Layout, anywhere, layout
from data_prep.recordio_parse import Rows

PIECE = 8 << 20
_HEADER = 8  # magic number and length
_SLACK = 16  # words are read whole at any byte of a piece

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Batch = tuple[Any, NDArray[np.float32] | None]


def batches(file: BinaryIO, name: str | None) -> Iterator[Batch]:
    """The records of `file` as (csr_array (n, d) float32, labels (n,) or None), piece by piece."""
    columns: int | None = None
    labelled: bool | None = None
    first = 0
    for piece, starts, lengths in _pieces(file, name):
        rows = _parse_together(piece, starts, lengths)
        if rows is None:
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
        tensor, label = recordio_parse.record(piece[starts[0] : starts[0] + size].tobytes())
        columns = recordio_parse.width(tensor)
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
    whole = np.dtype(f"V{one.size}")
    fits: NDArray[np.bool_] = (records & constant).view(whole).reshape(-1) == np.frombuffer(
        one.template, whole
    )[0]
    return fits


def _take(records: Bytes, column: int, dtype: str, count: int) -> NDArray[Any]:
    """`count` numbers (n, count) from byte `column` of each record, copied."""
    shape, strides = (len(records), count), (records.strides[0], np.dtype(dtype).itemsize)
    if not count:
        return np.empty(shape, dtype)
    return np.ndarray(shape, dtype, records, offset=column, strides=strides).copy()


def _keys(records: Bytes, one: Layout, columns: int) -> NDArray[np.int64] | None:
    """The columns (n, count) of the values; None if a record has others than its layout says."""
    encoded = np.zeros(len(records) * one.key_bytes + _SLACK, np.uint8)
    encoded[:-_SLACK] = records[:, one.at_keys : one.at_keys + one.key_bytes].reshape(-1)
    last = np.flatnonzero(encoded[:-_SLACK] < 0x80)
    if len(last) != len(records) * one.values:
        return None
    first = np.zeros(len(last) + 1, np.int64)
    first[1:] = last + 1
    begin = np.arange(len(records) + 1) * one.key_bytes
    if one.values and (first[:: one.values] != begin).any():
        return None
    lengths = np.diff(first)
    if lengths.max(initial=0) > 8:
        return None
    words = anywhere(encoded, np.dtype("<u8"))[first[:-1]]
    keys = varint.decode_words(words, lengths)
    return None if keys.max(initial=0) >= columns else keys.reshape(len(records), one.values)


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
    for one in groups:
        places = 4 * indptr[one.rows]
        _store(data, places, one.values)
        _store(indices, places * (indices.itemsize // 4), one.keys.astype(kind))
        if labels is not None:
            labels[one.rows] = one.labels
    return Rows(indptr, indices, data, labels, columns)


def _store(out: NDArray[Any], places: Places, rows: NDArray[Any]) -> None:
    """Copy each of the rows (n, count) to its byte place (n,) in the memory of `out`."""
    if rows.size:
        dtype = np.dtype(f"V{rows.nbytes // len(rows)}")
        anywhere(out.view(np.uint8), dtype)[places] = rows.view(dtype).reshape(-1)
