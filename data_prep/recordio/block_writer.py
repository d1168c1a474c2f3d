"""A block of rows to RecordIO-protobuf bytes, without a loop over rows.

Rows that agree in the number of values and in the bytes of their keys share a layout, and so all
lengths and offsets. Rows of the same few values go the quick way of `recordio_alike`. The records
of others are made layout by layout, one piece (template, values, keys, label) at a time.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.recordio import one_hot_writer as alike
from data_prep.recordio import varint
from data_prep.recordio.one_hot_writer import WORD, Bytes, Labels, ends, put
from data_prep.recordio.record_layout import Layout, anywhere, layout


def encode(
    indptr: NDArray[np.integer[Any]],
    indices: NDArray[np.integer[Any]],
    data: NDArray[np.float32],
    labels: Labels,
    columns: int,
) -> Bytes:
    """The records of rows in CSR form: indptr (n+1,), indices and data (nnz,), labels (n,)."""
    counts = np.diff(indptr)
    count = int(counts[0])
    widest = varint.size(int(indices.max(initial=0)))
    if 0 < count * widest <= WORD and (counts == count).all():
        encoded = varint.encode_words(indices)
        words, lengths = (part.reshape(-1, count) for part in encoded)
        keys = alike.joined(words, lengths)
        return alike.encode(keys, data.reshape(-1, count), labels, columns)
    return _encode_mixed(counts, indptr[:-1] - indptr[0], indices, data, labels, columns)


def encode_dense(rows: NDArray[np.float32], labels: Labels) -> Bytes:
    """The records of dense rows (n, columns): values only, neither keys nor shape."""
    one = layout(rows.shape[1], 0, None, labels is not None)
    out = np.empty((len(rows), one.size), np.uint8)
    out[:] = np.frombuffer(one.template, np.uint8)
    put(out, one.at_values, rows)
    if labels is not None:
        put(out, one.at_label, labels)
    return out.reshape(-1)


class _Part(NamedTuple):
    """Some rows (n,) of a block, the bytes of their records (n,), and what puts these in place.

    deal: called with the block's bytes and the offsets (n,) of the records in them.
    """

    rows: NDArray[np.intp]
    sizes: NDArray[np.int64]
    deal: Callable[[Bytes, NDArray[np.int64]], None]


def _encode_mixed(
    counts: NDArray[np.integer[Any]],
    first_value: NDArray[np.integer[Any]],
    indices: NDArray[np.integer[Any]],
    data: NDArray[np.float32],
    labels: Labels,
    columns: int,
) -> Bytes:
    """Rows of any numbers of values: counts (n,), and where each row's values begin (n,)."""
    few = WORD // varint.size(int(indices.max(initial=0)))
    parts = []
    for count in range(1, few + 1):
        rows = np.flatnonzero(counts == count)
        if len(rows):
            places = np.take(first_value, rows)[:, None] + np.arange(count)
            own = None if labels is None else np.take(labels, rows)
            part = _few(rows, np.take(indices, places), np.take(data, places), own, columns)
            parts.append(part)
    rows = np.flatnonzero((counts > few) | (counts == 0))
    if len(rows):
        own = None if labels is None else np.take(labels, rows)
        begin = np.take(first_value, rows)
        parts.append(_many(rows, begin, np.take(counts, rows), indices, data, own, columns))
    sizes = np.empty(len(counts), np.int64)
    for part in parts:
        sizes[part.rows] = part.sizes
    offsets = ends(sizes)
    out = np.empty(int(offsets[-1]), np.uint8)
    for part in parts:
        part.deal(out, np.take(offsets, part.rows))
    return out


def _few(
    rows: NDArray[np.intp],
    indices: NDArray[np.integer[Any]],
    values: NDArray[np.float32],
    labels: Labels,
    columns: int,
) -> _Part:
    """Rows of the same number of values (n, count), a word being enough for the keys of each."""
    count = indices.shape[1]
    words, lengths = varint.encode_words(indices.reshape(-1))
    keys = alike.joined(words.reshape(-1, count), lengths.reshape(-1, count))
    layouts = alike.by_key_bytes(keys, count, columns, labels)

    def deal(out: Bytes, offsets: NDArray[np.int64]) -> None:
        alike.scatter(out, offsets, keys, values, labels, layouts)

    return _Part(rows, alike.sizes_of(layouts, keys), deal)


def _many(
    rows: NDArray[np.intp],
    first_value: NDArray[np.integer[Any]],
    counts: NDArray[np.integer[Any]],
    indices: NDArray[np.integer[Any]],
    data: NDArray[np.float32],
    labels: Labels,
    columns: int,
) -> _Part:
    """Rows of any numbers of values: where they begin (n,) in those of the block, and how many."""
    words, lengths = varint.encode_words(indices)
    key_ends = ends(lengths)
    keys = np.zeros(int(key_ends[-1]) + WORD, np.uint8)
    anywhere(keys, words.dtype)[key_ends[:-1]] = words  # the next word overwrites what is spilt
    first_key = np.take(key_ends, first_value)
    key_bytes = np.take(key_ends, first_value + counts) - first_key
    layouts, group = _layouts(counts, key_bytes, columns, labels)
    raw = data.view(np.uint8)

    def deal(out: Bytes, offsets: NDArray[np.int64]) -> None:
        order = np.argsort(group, kind="stable")
        cuts = np.cumsum(np.bincount(group, minlength=len(layouts)))[:-1]
        for one, some in zip(layouts, np.split(order, cuts), strict=True):
            records = np.empty((len(some), one.size), np.uint8)
            records[:] = np.frombuffer(one.template, np.uint8)
            if one.values:
                at = 4 * np.take(first_value, some)
                put(records, one.at_values, anywhere(raw, np.dtype(f"V{4 * one.values}"))[at])
                at = np.take(first_key, some)
                put(records, one.at_keys, anywhere(keys, np.dtype(f"V{one.key_bytes}"))[at])
            if labels is not None:
                put(records, one.at_label, np.take(labels, some))
            whole = np.dtype(f"V{one.size}")
            anywhere(out, whole)[np.take(offsets, some)] = records.view(whole).reshape(-1)

    sizes = np.array([one.size for one in layouts])
    return _Part(rows, np.take(sizes, group), deal)


def _layouts(
    counts: NDArray[np.integer[Any]], key_bytes: NDArray[np.int64], columns: int, labels: Labels
) -> tuple[list[Layout], NDArray[np.integer[Any]]]:
    """The distinct layouts of a block, and for each row (n,) which one it has."""
    most = int(key_bytes.max()) + 1
    both = counts.astype(np.int64) * most + key_bytes
    if both.max() < 4 * len(both) + 1024:
        present = np.bincount(both) > 0
        distinct = np.flatnonzero(present)
        group = (np.cumsum(present) - 1)[both]
    else:
        distinct, group = np.unique(both, return_inverse=True)
    pairs = [divmod(value, most) for value in distinct.tolist()]
    layouts = [layout(*pair, columns, labels is not None) for pair in pairs]
    return layouts, group.astype(np.uint16 if len(layouts) < 1 << 16 else np.int64)
