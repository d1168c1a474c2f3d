"""Rows of the same few values, as one-hot rows are, to RecordIO-protobuf bytes.

The keys of such a row fit a word. Rows whose records agree in size are a rectangle of bytes that is
filled by columns, and then lies as it is or is dealt to the places of the records.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.recordio.record_layout import Layout, anywhere, layout

Bytes = NDArray[np.uint8]
Labels = NDArray[np.float32] | None
WORD = 8


class RowKeys(NamedTuple):
    """The encodings of each row's keys, in a word (n,), and their bytes (n,)."""

    words: NDArray[np.uint64]
    lengths: NDArray[np.intp]


def joined(words: NDArray[Any], lengths: NDArray[np.uint8]) -> RowKeys:
    """The encodings (n, count) of each row's keys one after the other, which a word must hold."""
    row = words[:, 0].astype("<u8")
    size = lengths[:, 0].copy()
    for place in range(1, words.shape[1]):
        row |= words[:, place].astype("<u8") << (size << np.uint8(3))
        size += lengths[:, place]
    return RowKeys(row, size.astype(np.intp))


def encode(keys: RowKeys, values: NDArray[np.float32], labels: Labels, columns: int) -> Bytes:
    """Rows of the same number of values (n, count)."""
    layouts = by_key_bytes(keys, values.shape[1], columns, labels)
    if len({_shape(one) for one in layouts.values()}) == 1:
        return _rectangle(layouts, keys, values, labels).reshape(-1)
    offsets = ends(sizes_of(layouts, keys))
    out = np.empty(int(offsets[-1]), np.uint8)
    scatter(out, offsets, keys, values, labels, layouts)
    return out


def by_key_bytes(keys: RowKeys, count: int, columns: int, labels: Labels) -> dict[int, Layout]:
    present = np.flatnonzero(np.bincount(keys.lengths)).tolist()
    return {size: layout(count, size, columns, labels is not None) for size in present}


def sizes_of(layouts: dict[int, Layout], keys: RowKeys) -> NDArray[np.int64]:
    """The bytes of each record (n,)."""
    sizes = np.zeros(max(layouts) + 1, np.int64)
    sizes[list(layouts)] = [one.size for one in layouts.values()]
    return np.take(sizes, keys.lengths)


def _shape(one: Layout) -> tuple[int, int]:
    return one.size, one.at_keys


def scatter(
    out: Bytes,
    offsets: NDArray[np.int64],
    keys: RowKeys,
    values: NDArray[np.float32],
    labels: Labels,
    layouts: dict[int, Layout],
) -> None:
    """Put the records of rows of the same number of values (n, count) to their offsets in `out`."""
    shapes = {_shape(one) for one in layouts.values()}
    for shape in shapes:
        some = {size: one for size, one in layouts.items() if _shape(one) == shape}
        own, at, own_values, own_labels = keys, offsets, values, labels
        if len(shapes) > 1:
            chosen = np.zeros(max(layouts) + 1, np.bool_)
            chosen[list(some)] = True
            rows = np.flatnonzero(np.take(chosen, keys.lengths))
            own = RowKeys(np.take(keys.words, rows), np.take(keys.lengths, rows))
            at, own_values = np.take(offsets, rows), np.take(values, rows, axis=0)
            own_labels = None if labels is None else np.take(labels, rows)
        records = _rectangle(some, own, own_values, own_labels)
        whole = np.dtype(f"V{shape[0]}")
        anywhere(out, whole)[at] = records.view(whole).reshape(-1)


def _rectangle(
    layouts: dict[int, Layout], keys: RowKeys, values: NDArray[np.float32], labels: Labels
) -> Bytes:
    """Records (n, size) whose layouts, by bytes of keys, agree in size and in where keys begin.

    Keys and labels are stored as whole words, with the constant bytes around them put in, so that
    they go to the same column of the rectangle in spite of their different lengths and places.
    """
    words, lengths = keys
    some = next(iter(layouts.values()))
    shortest = min(layouts)
    table = np.zeros((max(layouts) + 1, some.size), np.uint8)
    for size, one in layouts.items():
        table[size] = np.frombuffer(one.template, np.uint8)
    whole = np.dtype(f"V{some.size}")
    out = np.empty((len(words), some.size), np.uint8)
    if len(layouts) == 1:
        out[:] = table[shortest]
        around_keys = _word_at(table, some.at_keys)[shortest]
    else:
        templates = table.view(whole).reshape(-1)
        np.take(templates, lengths, out=out.view(whole).reshape(-1), mode="clip")
        around_keys = np.take(_word_at(table, some.at_keys), lengths)
    put(out, some.at_keys, words | around_keys)
    put(out, some.at_values, values)
    if labels is not None:
        at = some.at_label - some.key_bytes + shortest
        bits = labels.view("<u4").astype("<u8")
        if len(layouts) > 1:
            bits <<= ((lengths - shortest) << 3).view(np.uint64)
            bits |= np.take(_word_at(table, at), lengths)
        put(out, at, bits)
    return out


def _word_at(table: Bytes, column: int) -> NDArray[np.uint64]:
    """The eight bytes (fewer at the end, then zeros) from `column` of each row, as words (n,)."""
    part = np.zeros((len(table), WORD), np.uint8)
    found = table[:, column : column + WORD]
    part[:, : found.shape[1]] = found
    return part.view("<u8").reshape(-1)


def put(out: Bytes, column: int, fields: NDArray[Any]) -> None:
    """Store each row's share of the contiguous `fields` at byte `column` of that row of `out`.

    What does not fit the row is left away: the zeros at the end of a word.
    """
    share = fields.nbytes // len(out)
    width = min(share, out.shape[1] - column)
    raw = np.ascontiguousarray(fields).reshape(-1).view(np.uint8)
    dtype = np.dtype(f"V{width}")
    place = np.ndarray((len(out),), dtype, out, offset=column, strides=(out.shape[1],))
    place[:] = np.ndarray((len(out),), dtype, raw, strides=(share,))


def ends(sizes: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Where each of the sizes (n,), one after the other, begins, and where the last ends (n+1,)."""
    ends = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes.astype(np.int64), out=ends[1:])
    return ends
