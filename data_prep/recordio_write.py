"""A block of rows to RecordIO-protobuf bytes, without a loop over rows.

Rows that agree in the number of values and in the bytes of their keys share a layout, and so all
lengths and offsets. Two ways lead to the bytes. When all rows have the same few values, as one-hot
rows have, records of one size are a rectangle of bytes that is filled by columns. Otherwise each
layout's rows are copied to their places one piece (template, values, keys, label) at a time.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_prep import varint
from data_prep.recordio_layout import Layout, anywhere, layout

Bytes = NDArray[np.uint8]
Labels = NDArray[np.float32] | None
_WORD = 8


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
    if (
        0 < count * widest <= _WORD
        and len(indices) == count * len(counts)
        and (counts == count).all()
    ):
        keys = indices.reshape(-1, count)
        return _encode_alike(keys, data.reshape(-1, count), labels, columns)
    return _encode_mixed(counts, indptr[:-1] - indptr[0], indices, data, labels, columns)


def encode_dense(rows: NDArray[np.float32], labels: Labels) -> Bytes:
    """The records of dense rows (n, columns): values only, neither keys nor shape."""
    one = layout(rows.shape[1], 0, None, labels is not None)
    out = np.empty((len(rows), one.size), np.uint8)
    out[:] = np.frombuffer(one.template, np.uint8)
    _put(out, one.at_values, rows)
    if labels is not None:
        _put(out, one.at_label, labels)
    return out.reshape(-1)


def _encode_alike(
    keys: NDArray[np.integer[Any]], values: NDArray[np.float32], labels: Labels, columns: int
) -> Bytes:
    """Rows of the same number of values (n, count), the keys of each row taking 8 bytes at most."""
    words, narrow = _row_words(keys)
    lengths = narrow.astype(np.intp)
    present = np.flatnonzero(np.bincount(lengths)).tolist()
    layouts = {size: layout(keys.shape[1], size, columns, labels is not None) for size in present}
    shapes = {(one.size, one.at_keys) for one in layouts.values()}
    if len(shapes) == 1:
        return _rectangle(layouts, words, lengths, values, labels).reshape(-1)
    sizes = np.zeros(present[-1] + 1, np.int64)
    sizes[present] = [one.size for one in layouts.values()]
    offsets = _ends(np.take(sizes, lengths))
    out = np.empty(int(offsets[-1]), np.uint8)
    for shape in shapes:
        some = {size: one for size, one in layouts.items() if (one.size, one.at_keys) == shape}
        chosen = np.zeros(len(sizes), np.bool_)
        chosen[list(some)] = True
        rows = np.flatnonzero(np.take(chosen, lengths))
        records = _rectangle(
            some,
            np.take(words, rows),
            np.take(lengths, rows),
            np.take(values, rows, axis=0),
            None if labels is None else np.take(labels, rows),
        )
        whole = np.dtype(f"V{shape[0]}")
        anywhere(out, whole)[np.take(offsets, rows)] = records.view(whole).reshape(-1)
    return out


def _row_words(keys: NDArray[np.integer[Any]]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """The encodings of each row's keys (n, count), in a word (n,), and their bytes (n,)."""
    first, lengths = varint.encode_words(np.ascontiguousarray(keys[:, 0]))
    words = first.astype("<u8")
    for place in range(1, keys.shape[1]):
        word, length = varint.encode_words(np.ascontiguousarray(keys[:, place]))
        words |= word.astype("<u8") << (lengths << np.uint8(3))
        lengths += length
    return words, lengths


def _rectangle(
    layouts: dict[int, Layout],
    words: NDArray[np.uint64],
    lengths: NDArray[np.intp],
    values: NDArray[np.float32],
    labels: Labels,
) -> Bytes:
    """Records (n, size) whose layouts, by bytes of keys, agree in size and in where keys begin.

    Keys and labels are stored as whole words, with the constant bytes around them put in, so that
    they go to the same column of the rectangle in spite of their different lengths and places.
    """
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
    _put(out, some.at_keys, words | around_keys)
    _put(out, some.at_values, values)
    if labels is not None:
        at = some.at_label - some.key_bytes + shortest
        bits = labels.view("<u4").astype("<u8")
        if len(layouts) > 1:
            bits <<= ((lengths - shortest) << 3).view(np.uint64)
            bits |= np.take(_word_at(table, at), lengths)
        _put(out, at, bits)
    return out


def _word_at(table: Bytes, column: int) -> NDArray[np.uint64]:
    """The eight bytes (fewer at the end, then zeros) from `column` of each row, as words (n,)."""
    part = np.zeros((len(table), _WORD), np.uint8)
    found = table[:, column : column + _WORD]
    part[:, : found.shape[1]] = found
    return part.view("<u8").reshape(-1)


def _put(out: Bytes, column: int, fields: NDArray[Any]) -> None:
    """Store each row's share of the contiguous `fields` at byte `column` of that row of `out`.

    What does not fit the row is left away: the zeros at the end of a word.
    """
    share = fields.nbytes // len(out)
    width = min(share, out.shape[1] - column)
    raw = np.ascontiguousarray(fields).reshape(-1).view(np.uint8)
    dtype = np.dtype(f"V{width}")
    place = np.ndarray((len(out),), dtype, out, offset=column, strides=(out.shape[1],))
    place[:] = np.ndarray((len(out),), dtype, raw, strides=(share,))


def _encode_mixed(
    counts: NDArray[np.integer[Any]],
    first_value: NDArray[np.integer[Any]],
    indices: NDArray[np.integer[Any]],
    data: NDArray[np.float32],
    labels: Labels,
    columns: int,
) -> Bytes:
    """Rows of any numbers of values: counts (n,), and where each row's values begin (n,)."""
    words, lengths = varint.encode_words(indices)
    key_ends = _ends(lengths)
    keys = np.zeros(int(key_ends[-1]) + _WORD, np.uint8)
    anywhere(keys, words.dtype)[key_ends[:-1]] = words  # the next word overwrites what is spilt
    first_key = key_ends[first_value]
    layouts, group = _layouts(counts, key_ends[first_value + counts] - first_key, columns, labels)
    offsets = _ends(np.array([one.size for one in layouts])[group])
    out = np.empty(int(offsets[-1]), np.uint8)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group))
    for one, rows in zip(layouts, np.split(order, ends[:-1]), strict=True):
        records = np.empty((len(rows), one.size), np.uint8)
        records[:] = np.frombuffer(one.template, np.uint8)
        if one.values:
            values = np.dtype(f"V{4 * one.values}")
            _put(
                records,
                one.at_values,
                anywhere(data.view(np.uint8), values)[4 * first_value[rows]],
            )
            packed = np.dtype(f"V{one.key_bytes}")
            _put(records, one.at_keys, anywhere(keys, packed)[first_key[rows]])
        if labels is not None:
            _put(records, one.at_label, labels[rows])
        whole = np.dtype(f"V{one.size}")
        anywhere(out, whole)[offsets[rows]] = records.view(whole).reshape(-1)
    return out


def _ends(sizes: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Where each of the sizes (n,), one after the other, begins, and where the last ends (n+1,)."""
    ends = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes.astype(np.int64), out=ends[1:])
    return ends


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
