"""A block of sparse rows to RecordIO-protobuf bytes, without a loop over rows.

Rows that agree in the number of values and in the bytes of their keys share a layout, so that
all lengths and offsets are arithmetic on arrays; values, keys and labels are then scattered to
their places, and the constant bytes of each layout are copied as one opaque element per row.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_prep import varint
from data_prep.recordio_layout import Layout, layout

Bytes = NDArray[np.uint8]
_SLACK = 8  # the last key of a block is stored as a whole word


def encode(
    indptr: NDArray[np.integer],
    indices: NDArray[np.integer],
    data: NDArray[np.float32],
    labels: NDArray[np.float32] | None,
    columns: int,
) -> Bytes:
    """The records of rows in CSR form: indptr (n+1,), indices and data (nnz,), labels (n,)."""
    counts = np.diff(indptr)
    first_value = indptr[:-1] - indptr[0]
    words, lengths = varint.encode_words(indices, columns - 1)
    key_ends = np.zeros(len(words) + 1, np.int64)
    np.cumsum(lengths, out=key_ends[1:])
    key_starts = key_ends[first_value]
    key_bytes = key_ends[first_value + counts] - key_starts
    layouts, group = _layouts(counts, key_bytes, columns, labels is not None)
    if len(layouts) == 1:
        keys = np.zeros(int(key_ends[-1]) + _SLACK, np.uint8)
        _anywhere(keys, words.dtype)[key_ends[:-1]] = words
        rectangle = (len(counts), -1)
        values = data.reshape(rectangle) if len(data) else data
        return _rectangle(layouts[0], len(counts), values, keys[:-_SLACK], labels)

    def of_row(amounts: list[int]) -> NDArray[np.int64]:
        amount: NDArray[np.int64] = np.array(amounts, np.int64)[group]
        return amount

    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(of_row([one.size for one in layouts]), out=offsets[1:])
    out = np.zeros(int(offsets[-1]) + _SLACK, np.uint8)
    at_values = offsets[:-1] + of_row([len(one.head) for one in layouts])
    at_middle = at_values + 4 * counts
    at_keys = at_middle + of_row([len(one.middle) for one in layouts])
    at_tail = at_keys + key_bytes
    at_label = at_tail + of_row([len(one.tail) for one in layouts])
    value_places = np.repeat(at_values - 4 * first_value, counts) + 4 * np.arange(len(data))
    _anywhere(out, np.dtype("<f4"))[value_places] = data
    # A key is stored as a whole word: what it spills is zero, or is overwritten by what follows.
    key_places = np.repeat(at_keys - key_starts, counts) + key_ends[:-1]
    _anywhere(out, words.dtype)[key_places] = words
    for number, one in enumerate(layouts):
        rows = np.flatnonzero(group == number)
        _store(out, offsets[rows], one.head)
        _store(out, at_middle[rows], one.middle)
        _store(out, at_tail[rows], one.tail)
    if labels is not None:
        _anywhere(out, np.dtype("<f4"))[at_label] = labels
    return out[:-_SLACK]


def encode_dense(rows: NDArray[np.float32], labels: NDArray[np.float32] | None) -> Bytes:
    """The records of dense rows (n, columns): values only, neither keys nor shape."""
    one = layout(rows.shape[1], 0, None, labels is not None)
    return _rectangle(one, len(rows), rows, np.zeros(0, np.uint8), labels)


def _layouts(
    counts: NDArray[np.integer], key_bytes: NDArray[np.int64], columns: int, labelled: bool
) -> tuple[list[Layout], NDArray[np.integer]]:
    """The distinct layouts of a block, and for each row (n,) which one it has."""
    both = counts.astype(np.int64) * (int(key_bytes.max()) + 1) + key_bytes
    if both.max() < 4 * len(both) + 1024:
        present = np.bincount(both) > 0
        first = np.flatnonzero(present)
        group = (np.cumsum(present) - 1)[both]
    else:
        first, group = np.unique(both, return_inverse=True)
    pairs = [divmod(int(value), int(key_bytes.max()) + 1) for value in first]
    return [layout(values, keys, columns, labelled) for values, keys in pairs], group


def _rectangle(
    one: Layout,
    rows: int,
    values: NDArray[np.float32],
    keys: Bytes,
    labels: NDArray[np.float32] | None,
) -> Bytes:
    """Records of one layout: a template repeated, then filled by columns.

    values (rows, count) or empty; keys: the encodings of all keys, one after the other.
    """
    out = np.empty((rows, one.size), np.uint8)
    at_middle = len(one.head) + values.nbytes // rows
    at_keys = at_middle + len(one.middle)
    at_tail = at_keys + len(keys) // rows
    at_label = at_tail + len(one.tail)
    template = bytearray(one.size)
    template[: len(one.head)] = one.head
    template[at_middle:at_keys] = one.middle
    template[at_tail:at_label] = one.tail
    out[:] = np.frombuffer(template, np.uint8)
    _put(out, len(one.head), values)
    _put(out, at_keys, keys)
    if labels is not None:
        _put(out, at_label, labels)
    return out.reshape(-1)


def _put(out: Bytes, start: int, fields: NDArray[np.generic]) -> None:
    """Store each row's share of the contiguous `fields` at byte `start` of that row of `out`."""
    width = fields.nbytes // len(out)
    if width:
        dtype = np.dtype(f"V{width}")
        place = np.ndarray((len(out),), dtype, out, offset=start, strides=(out.shape[1],))
        place[:] = np.ascontiguousarray(fields).reshape(-1).view(np.uint8).view(dtype)


def _anywhere(out: Bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    """`out` seen as overlapping elements of `dtype`, one starting at every byte."""
    return np.ndarray((len(out) - dtype.itemsize + 1,), dtype, out, strides=(1,))


def _store(out: Bytes, places: NDArray[np.integer], constant: bytes) -> None:
    """Copy the constant to each of the places (byte offsets) of `out`."""
    if constant:
        dtype = np.dtype(f"V{len(constant)}")
        _anywhere(out, dtype)[places] = np.frombuffer(constant, dtype)[0]
