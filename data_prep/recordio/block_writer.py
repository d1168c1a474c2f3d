"""A block of rows to RecordIO-protobuf bytes, without a loop over rows.

Rows that agree in the number of values and in the bytes of their keys share a layout, and so all
lengths and offsets. Rows of the same few values are written by `one_hot_writer`. The records of
the others are made layout by layout, one piece (template, values, keys, label) at a time.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bytes, Float32s, Int64s, Integers
from data_prep.recordio import one_hot_writer, varint
from data_prep.recordio.one_hot_writer import WORD, offsets_of, store_column
from data_prep.recordio.record_layout import Layout, layout, overlapping


def encode(
    indptr: Integers, indices: Integers, data: Float32s, labels: Float32s | None, columns: int
) -> Bytes:
    """Return the records of n >= 1 rows in CSR form, one after the other.

    Args:
        indptr: (n + 1,), where each row's values begin; the first may be another number than 0.
        indices: (nnz,), the columns.
        data: (nnz,), the values, contiguous.
        labels: (n,), or None for records without a label.
        columns: the width of the matrix.
    """
    counts = np.diff(indptr)
    count = int(counts[0])
    longest_key = varint.size(int(indices.max(initial=0)))
    if 0 < count * longest_key <= WORD and (counts == count).all():
        keys = one_hot_writer.join_keys(varint.encode_words(indices), count)
        return one_hot_writer.encode(keys, data.reshape(-1, count), labels, columns)
    return _encode_mixed(counts, indptr[:-1] - indptr[0], indices, data, labels, columns)


def encode_dense(rows: Float32s, labels: Float32s | None) -> Bytes:
    """Return the records of dense rows (n, columns): values only, neither keys nor shape."""
    shared = layout(rows.shape[1], 0, None, labels is not None)
    out = np.empty((len(rows), shared.size), np.uint8)
    out[:] = np.frombuffer(shared.template, np.uint8)
    store_column(out, shared.at_values, rows)
    if labels is not None:
        store_column(out, shared.at_label, labels)
    return out.reshape(-1)


class _Part(NamedTuple):
    """Some rows of a block.

    Attributes:
        rows: (n,) their numbers in the block.
        sizes: (n,) the bytes of their records.
        write: called with the block's bytes and the offset (n,) of each record in them.
    """

    rows: NDArray[np.intp]
    sizes: Int64s
    write: Callable[[Bytes, Int64s], None]


def _encode_mixed(
    counts: Integers,
    first_value: Integers,
    indices: Integers,
    data: Float32s,
    labels: Float32s | None,
    columns: int,
) -> Bytes:
    """Return the records of rows that differ in their number of values.

    Args:
        counts: (n,) the values of each row.
        first_value: (n,) where they begin in `indices` and `data`.
        indices: as in `encode`.
        data: as in `encode`.
        labels: as in `encode`.
        columns: as in `encode`.
    """
    most_in_word = WORD // varint.size(int(indices.max(initial=0)))
    parts = []
    for count in range(1, most_in_word + 1):
        rows = np.flatnonzero(counts == count)
        if len(rows):
            values = np.take(first_value, rows)[:, None] + np.arange(count)
            some_labels = None if labels is None else np.take(labels, rows)
            parts.append(
                _one_hot_part(
                    rows, np.take(indices, values), np.take(data, values), some_labels, columns
                )
            )
    rows = np.flatnonzero((counts > most_in_word) | (counts == 0))
    if len(rows):
        some_labels = None if labels is None else np.take(labels, rows)
        begin = np.take(first_value, rows)
        some_counts = np.take(counts, rows)
        parts.append(_general_part(rows, begin, some_counts, indices, data, some_labels, columns))
    sizes = np.empty(len(counts), np.int64)
    for part in parts:
        sizes[part.rows] = part.sizes
    offsets = offsets_of(sizes)
    out = np.empty(int(offsets[-1]), np.uint8)
    for part in parts:
        part.write(out, np.take(offsets, part.rows))
    return out


def _one_hot_part(
    rows: NDArray[np.intp],
    indices: Integers,
    values: Float32s,
    labels: Float32s | None,
    columns: int,
) -> _Part:
    """Return rows of the same number of values (n, count), so few that their keys fit a word."""
    count = indices.shape[1]
    keys = one_hot_writer.join_keys(varint.encode_words(indices.reshape(-1)), count)
    layouts = one_hot_writer.layouts_of(keys, count, columns, labelled=labels is not None)

    def write(out: Bytes, offsets: Int64s) -> None:
        one_hot_writer.scatter(out, offsets, keys, values, labels, layouts)

    return _Part(rows, one_hot_writer.record_sizes(layouts, keys), write)


def _general_part(
    rows: NDArray[np.intp],
    first_value: Integers,
    counts: Integers,
    indices: Integers,
    data: Float32s,
    labels: Float32s | None,
    columns: int,
) -> _Part:
    """Return rows of any numbers of values, which begin at `first_value` (n,) of the block's."""
    words, lengths = varint.encode_words(indices)
    key_offsets = offsets_of(lengths)
    keys = np.zeros(int(key_offsets[-1]) + WORD, np.uint8)
    # The next word overwrites what of this one goes beyond its key.
    overlapping(keys, words.dtype)[key_offsets[:-1]] = words
    first_key = np.take(key_offsets, first_value)
    key_bytes = np.take(key_offsets, first_value + counts) - first_key
    layouts, layout_of_row = _distinct_layouts(counts, key_bytes, columns, labels is not None)
    raw = data.view(np.uint8)

    def write(out: Bytes, offsets: Int64s) -> None:
        order = np.argsort(layout_of_row, kind="stable")
        cuts = np.cumsum(np.bincount(layout_of_row, minlength=len(layouts)))[:-1]
        for shared, some in zip(layouts, np.split(order, cuts), strict=True):
            records = np.empty((len(some), shared.size), np.uint8)
            records[:] = np.frombuffer(shared.template, np.uint8)
            if shared.values:
                at = 4 * np.take(first_value, some)
                values = overlapping(raw, np.dtype(f"V{4 * shared.values}"))[at]
                store_column(records, shared.at_values, values)
                at = np.take(first_key, some)
                row_keys = overlapping(keys, np.dtype(f"V{shared.key_bytes}"))[at]
                store_column(records, shared.at_keys, row_keys)
            if labels is not None:
                store_column(records, shared.at_label, np.take(labels, some))
            record = np.dtype(f"V{shared.size}")
            overlapping(out, record)[np.take(offsets, some)] = records.view(record).reshape(-1)

    sizes = np.array([one.size for one in layouts])
    return _Part(rows, np.take(sizes, layout_of_row), write)


def _distinct_layouts(
    counts: Integers, key_bytes: Int64s, columns: int, labelled: bool
) -> tuple[list[Layout], Integers]:
    """Return the distinct layouts of rows, and for each row (n,) the index of its own."""
    factor = int(key_bytes.max()) + 1
    pairs = counts.astype(np.int64) * factor + key_bytes  # one number for both
    if pairs.max() < 4 * len(pairs) + 1024:
        present = np.bincount(pairs) > 0
        distinct = np.flatnonzero(present)
        layout_of_row = (np.cumsum(present) - 1)[pairs]
    else:
        distinct, layout_of_row = np.unique(pairs, return_inverse=True)
    layouts = [layout(*divmod(pair, factor), columns, labelled) for pair in distinct.tolist()]
    return layouts, layout_of_row.astype(np.uint16 if len(layouts) < 1 << 16 else np.int64)
