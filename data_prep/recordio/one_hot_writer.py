"""Rows of the same few values, as one-hot rows are, to RecordIO-protobuf bytes.

The keys of such a row fit a word. Rows whose records agree in size make a rectangle of bytes, which
is filled column by column; its rows then are the records, or are copied to their offsets.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bytes, Float32s, Int64s, Integers, Words
from data_prep.recordio.record_layout import Layout, layout, overlapping
from data_prep.recordio.varint import EncodedWords

WORD = 8  # bytes
Layouts = dict[int, Layout]  # by the bytes of a row's keys


class RowKeys(NamedTuple):
    """The encoded keys of each row.

    Attributes:
        words: (n,) the encodings of a row's keys one after the other, from the low bytes.
        lengths: (n,) their bytes.
    """

    words: Words
    lengths: NDArray[np.intp]


def join_keys(encoded: EncodedWords, count: int) -> RowKeys:
    """Return the keys of rows of `count` keys each, which must fit a word.

    Args:
        encoded: the encodings of all keys (rows * count,), row by row.
        count: the keys in a row, at least 1.
    """
    words, lengths = (part.reshape(-1, count) for part in encoded)
    row = words[:, 0].astype("<u8")
    size = lengths[:, 0].copy()
    for column in range(1, count):
        row |= words[:, column].astype("<u8") << (size << np.uint8(3))
        size += lengths[:, column]
    return RowKeys(row, size.astype(np.intp))


def encode(keys: RowKeys, values: Float32s, labels: Float32s | None, columns: int) -> Bytes:
    """Return the records of rows that have the same number of values.

    Args:
        keys: the keys of the rows.
        values: (n, count).
        labels: (n,), or None for records without a label.
        columns: the width of the matrix.
    """
    layouts = layouts_of(keys, values.shape[1], columns, labelled=labels is not None)
    if len({_size_and_start_of_keys(one) for one in layouts.values()}) == 1:
        return _fill_rectangle(layouts, keys, values, labels).reshape(-1)
    offsets = offsets_of(record_sizes(layouts, keys))
    out = np.empty(int(offsets[-1]), np.uint8)
    scatter(out, offsets, keys, values, labels, layouts)
    return out


def layouts_of(keys: RowKeys, count: int, columns: int, *, labelled: bool) -> Layouts:
    """Return the layouts of rows of `count` values, by the bytes of their keys."""
    present = np.flatnonzero(np.bincount(keys.lengths)).tolist()
    return {size: layout(count, size, columns, labelled) for size in present}


def record_sizes(layouts: Layouts, keys: RowKeys) -> Int64s:
    """Return the bytes of each record (n,)."""
    sizes = np.zeros(max(layouts) + 1, np.int64)
    sizes[list(layouts)] = [one.size for one in layouts.values()]
    return np.take(sizes, keys.lengths)


def scatter(
    out: Bytes,
    offsets: Int64s,
    keys: RowKeys,
    values: Float32s,
    labels: Float32s | None,
    layouts: Layouts,
) -> None:
    """Write the records of rows that have the same number of values to their places in `out`.

    Args:
        out: the bytes to write to.
        offsets: (n,) the byte of `out` at which each record begins.
        keys: the keys of the rows.
        values: (n, count).
        labels: (n,), or None for records without a label.
        layouts: as `layouts_of` returns them.
    """
    rectangles = {_size_and_start_of_keys(one) for one in layouts.values()}
    for rectangle in rectangles:
        of_rectangle = {
            size: one for size, one in layouts.items() if _size_and_start_of_keys(one) == rectangle
        }
        some_keys, some_offsets, some_values, some_labels = keys, offsets, values, labels
        if len(rectangles) > 1:
            is_of_rectangle = np.zeros(max(layouts) + 1, np.bool_)
            is_of_rectangle[list(of_rectangle)] = True
            rows = np.flatnonzero(np.take(is_of_rectangle, keys.lengths))
            some_keys = RowKeys(np.take(keys.words, rows), np.take(keys.lengths, rows))
            some_offsets, some_values = np.take(offsets, rows), np.take(values, rows, axis=0)
            some_labels = None if labels is None else np.take(labels, rows)
        records = _fill_rectangle(of_rectangle, some_keys, some_values, some_labels)
        record = np.dtype(f"V{rectangle[0]}")
        overlapping(out, record)[some_offsets] = records.view(record).reshape(-1)


def _size_and_start_of_keys(one: Layout) -> tuple[int, int]:
    return one.size, one.at_keys


def _fill_rectangle(
    layouts: Layouts, keys: RowKeys, values: Float32s, labels: Float32s | None
) -> Bytes:
    """Return records (n, size) whose layouts agree in size and in where the keys begin.

    Keys and labels are stored as whole words, together with the constant bytes around them: so they
    go to one column of the rectangle in spite of their different lengths and positions.
    """
    words, lengths = keys
    example = next(iter(layouts.values()))
    shortest = min(layouts)
    templates = np.zeros((max(layouts) + 1, example.size), np.uint8)
    for size, one in layouts.items():
        templates[size] = np.frombuffer(one.template, np.uint8)
    record = np.dtype(f"V{example.size}")
    out = np.empty((len(words), example.size), np.uint8)
    if len(layouts) == 1:
        out[:] = templates[shortest]
        around_keys = _word_at(templates, example.at_keys)[shortest]
    else:
        whole = templates.view(record).reshape(-1)
        np.take(whole, lengths, out=out.view(record).reshape(-1), mode="clip")
        around_keys = np.take(_word_at(templates, example.at_keys), lengths)
    store_column(out, example.at_keys, words | around_keys)
    store_column(out, example.at_values, values)
    if labels is not None:
        at_label = example.at_label - example.key_bytes + shortest
        bits = labels.view("<u4").astype("<u8")
        if len(layouts) > 1:
            bits <<= ((lengths - shortest) << 3).view(np.uint64)
            bits |= np.take(_word_at(templates, at_label), lengths)
        store_column(out, at_label, bits)
    return out


def _word_at(templates: Bytes, column: int) -> Words:
    """Return eight bytes (fewer at the end, then zeros) from `column` of each row as words (n,)."""
    part = np.zeros((len(templates), WORD), np.uint8)
    present = templates[:, column : column + WORD]
    part[:, : present.shape[1]] = present
    return part.view("<u8").reshape(-1)


def store_column(out: Bytes, column: int, fields: NDArray[Any]) -> None:
    """Store each row's share of the contiguous `fields` from byte `column` of that row of `out`.

    What goes beyond the row is dropped: the zeros at the end of a word.
    """
    share = fields.nbytes // len(out)
    stored = min(share, out.shape[1] - column)
    raw = np.ascontiguousarray(fields).reshape(-1).view(np.uint8)
    dtype = np.dtype(f"V{stored}")
    place = np.ndarray((len(out),), dtype, out, offset=column, strides=(out.shape[1],))
    place[:] = np.ndarray((len(out),), dtype, raw, strides=(share,))


def offsets_of(sizes: Integers) -> Int64s:
    """Return where each of the sizes (n,), one after the other, begins, and the end: (n + 1,)."""
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes.astype(np.int64), out=offsets[1:])
    return offsets
