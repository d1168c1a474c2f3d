"""The RecordIO-protobuf codec: exact bytes, round trips, and refusals."""

import io
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from data_prep import recordio
from data_prep.errors import InputError
from data_prep.recordio import blocks, frames, parser

MAGIC = 0xCED7230A


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number: int, payload: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def entry(number: int, tensor: bytes) -> bytes:
    return field(number, field(1, b"values") + field(2, field(2, tensor)))


def record(values: Any, keys: Any, dim: int | None, label: float | None) -> bytes:
    """One record the slow way, straight from the format's description."""
    tensor = field(1, np.asarray(values, "<f4").tobytes()) if len(values) else b""
    tensor += field(2, b"".join(varint(int(key)) for key in keys)) if len(keys) else b""
    tensor += field(3, varint(dim)) if dim is not None else b""
    payload = entry(1, tensor)
    if label is not None:
        payload += entry(2, field(1, struct.pack("<f", label)))
    return struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def expected(matrix: Any, labels: Any) -> bytes:
    rows = []
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        label = None if labels is None else float(labels[row])
        rows.append(record(matrix.data[part], matrix.indices[part], matrix.shape[1], label))
    return b"".join(rows)


def written(features: Any, labels: Any = None) -> bytes:
    file = io.BytesIO()
    recordio.write(file, features, labels)
    return file.getvalue()


def read(raw: bytes) -> Any:
    return recordio.read(io.BytesIO(raw))


@st.composite
def matrices(draw: st.DrawFn) -> tuple[Any, Any]:
    rows = draw(st.integers(1, 40))
    columns = draw(st.sampled_from([1, 5, 128, 129, 20_000, 3_000_000, 10_000_000, 1 << 34]))
    most = draw(st.integers(0, 6))
    alike = draw(st.booleans())
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    counts = np.full(rows, most) if alike else random.integers(0, most + 1, rows)
    counts = np.minimum(counts, columns)
    # Columns of every length of key, not almost all of the longest.
    keys = [
        np.unique((columns ** random.random(count) - 1).astype(np.int64) % columns)
        for count in counts
    ]
    indptr = np.concatenate([[0], np.cumsum([len(key) for key in keys])])
    indices = np.concatenate(keys).astype(np.int64)
    data = random.choice(np.array([0, 1, -2.5, 3e-9], np.float32), len(indices))
    labels = random.random(rows).astype(np.float32) if draw(st.booleans()) else None
    return sp.csr_array((data, indices, indptr), shape=(rows, columns)), labels


def same(matrix: Any, other: Any) -> bool:
    return bool(
        matrix.shape == other.shape
        and np.array_equal(matrix.indptr, other.indptr)
        and np.array_equal(matrix.indices, other.indices)
        and np.array_equal(matrix.data, other.data)
    )


@settings(max_examples=150, deadline=None)
@given(matrices())
def test_writes_the_documented_bytes(drawn: Any) -> None:
    matrix, labels = drawn
    assert written(matrix, labels) == expected(matrix, labels)


@settings(max_examples=150, deadline=None)
@given(matrices())
def test_reads_what_it_wrote(drawn: Any) -> None:
    matrix, labels = drawn
    back, back_labels = read(written(matrix, labels))
    assert same(matrix, back)
    assert (labels is None) == (back_labels is None)
    assert labels is None or np.array_equal(labels, back_labels)


@settings(max_examples=60, deadline=None)
@given(matrices())
def test_the_careful_parser_agrees_with_the_fast_one(drawn: Any) -> None:
    matrix, labels = drawn
    (piece,) = frames.read_pieces(io.BytesIO(written(matrix, labels)), None)
    rows = parser.parse_piece(piece, None, 0)
    shape = (len(piece.starts), rows.columns)
    back = sp.csr_array((rows.data, rows.indices, rows.indptr), shape=shape)
    assert same(matrix, back)


def test_bytes_of_the_sdk_are_reproduced() -> None:
    features = np.array([[0, 1.5, 0, 2], [0, 0, 0, 0], [3, 0, 0, 0]], np.float32)
    sdk = (
        "0a23d7ce330000000a1d0a0676616c756573121312110a080000c03f00000040120201031a010412120a0676"
        "616c756573120812060a040000803f000a23d7ce250000000a0f0a0676616c756573120512031a010412120a"
        "0676616c756573120812060a04000000000000000a23d7ce2e0000000a180a0676616c756573120e120c0a04"
        "000040401201001a010412120a0676616c756573120812060a040000803f0000"
    )
    assert written(sp.csr_array(features), np.array([1, 0, 1], np.float32)).hex() == sdk


@pytest.mark.parametrize("kind", [sp.csr_matrix, sp.csr_array, sp.coo_array, sp.csc_matrix])
def test_takes_every_kind_of_sparse_matrix(kind: Any) -> None:
    features = np.array([[0, 1.5, 0, 2], [3, 0, 0, 0]], np.float32)
    assert written(kind(features)) == expected(sp.csr_array(features), None)


def test_takes_arrays_that_are_strided_or_longer_than_what_is_stored() -> None:
    plain = sp.random_array((40, 300), density=0.01, rng=2, dtype=np.float32).tocsr()
    labels = np.arange(40, dtype=np.float32)
    odd = plain.copy()
    odd.data = np.repeat(np.append(plain.data, np.float32("nan")), 2)[::2]
    odd.indices = np.repeat(np.append(plain.indices, 999), 2)[::2]
    odd.indptr = np.repeat(plain.indptr, 2)[::2]
    assert written(odd, np.repeat(labels, 2)[::2]) == expected(plain, labels)


@pytest.mark.parametrize("labelled", [True, False])
def test_dense_rows_have_values_alone(labelled: bool) -> None:
    features = np.arange(12, dtype=np.float32).reshape(3, 4)
    labels = np.array([1, 0, 1], np.float32) if labelled else None
    raw = written(features, labels)
    rows = [
        record(row, [], None, labels[n] if labels is not None else None)
        for n, row in enumerate(features)
    ]
    assert raw == b"".join(rows)
    back, _ = read(raw)
    assert np.array_equal(back.toarray(), features)


def test_blocks_do_not_show_in_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = sp.random_array((500, 300), density=0.02, rng=1, dtype=np.float32).tocsr()
    whole = written(matrix)
    monkeypatch.setattr(blocks, "ROWS_AT_ONCE", 7)
    assert written(matrix) == whole


class Nowhere(io.RawIOBase):
    """A file that takes everything and keeps nothing."""

    def write(self, data: Any) -> int:
        return len(data)


@pytest.mark.parametrize(
    ("kind", "rows", "at_once", "bounded"),
    [
        ("alike", 8_000_000, blocks.ROWS_AT_ONCE, True),
        ("ragged", 2_000_000, blocks.ROWS_AT_ONCE, True),
        ("unsorted", 1_000_000, blocks.ROWS_AT_ONCE, True),
        ("alike", 1_000_000, 1_000_000, False),
    ],
)
def test_memory_beyond_the_input_is_that_of_a_block(
    monkeypatch: pytest.MonkeyPatch, kind: str, rows: int, at_once: int, bounded: bool
) -> None:
    monkeypatch.setattr(blocks, "ROWS_AT_ONCE", at_once)
    counts = np.arange(rows) % 4 if kind == "ragged" else np.full(rows, 2)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    keys = np.arange(indptr[-1], dtype=np.int32) % 9973
    keys = keys[::-1].copy() if kind == "unsorted" else keys
    matrix = sp.csr_array((np.ones(len(keys), np.float32), keys, indptr), shape=(rows, 9973))
    labels = np.zeros(rows, np.float32)
    tracemalloc.start()
    recordio.write(Nowhere(), matrix, labels)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (peak < 50 << 20) == bounded


def test_pieces_do_not_show_in_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = sp.random_array((500, 300), density=0.02, rng=1, dtype=np.float32).tocsr()
    raw = written(matrix)
    monkeypatch.setattr(frames, "PIECE_BYTES", 100)
    back, _ = read(raw)
    assert same(matrix, back)


def test_a_magic_number_among_the_values_is_not_a_record() -> None:
    magic = np.frombuffer(struct.pack("<I", MAGIC), np.float32)
    features = sp.csr_array((np.tile(magic, 6), [0, 1] * 3, [0, 2, 4, 6]), shape=(3, 2))
    back, _ = read(written(features))
    assert back.data.tobytes() == features.data.tobytes()


EYE = sp.csr_array(np.eye(3, dtype=np.float32))


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (EYE.astype(np.float64), None, "float32"),
        (EYE.astype(np.int64), None, "float32"),
        ([[1.0]], None, "numpy array"),
        (EYE, [1, 0, 1], "numpy array"),
        (EYE, np.array([1, 0, 1]), "float32"),
        (EYE, np.ones((3, 1), np.float32), "one-dimensional"),
        (EYE, np.array([1, np.nan, 0], np.float32), "label of row 1"),
        (sp.csr_array(np.ones((2, 5), np.float32)), np.ones(5, np.float32), "5 labels for 2 rows"),
        (EYE * np.float32(np.inf), None, "row 0, column 0"),
        (np.array([[1, np.nan]], np.float32), None, "row 0, column 1"),
        (sp.csr_array((np.ones(2, np.float32), [1, 1], [0, 2]), shape=(1, 3)), None, "twice"),
    ],
)
def test_refuses_what_the_sdk_lets_through(features: Any, labels: Any, message: str) -> None:
    file = io.BytesIO()
    with pytest.raises(InputError, match=message):
        recordio.write(file, features, labels)
    assert file.getvalue() == b""


def test_a_pandas_series_is_refused_with_the_way_out() -> None:
    class Series:
        index = (2, 0, 1)

    with pytest.raises(InputError, match=r"to_numpy\(\)"):
        written(EYE, Series())


ONE = record([1.0], [2], 5, 1.0)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "no record"),
        (ONE[:-5], "record 0, at byte 0, is truncated"),
        (ONE + ONE[:6], "record 1, at byte 56, is truncated"),
        (ONE + b"\0" * 56, "record 1, at byte 56, does not start"),
        (b"user_id,item_id\n1,2\n", "does not start with"),
        (ONE + record([1.0], [5], 5, 1.0), "record 1 has key 5, beyond its feature_dim 5"),
        (ONE + record([1.0], [2], 6, 1.0), "record 1 has feature_dim 6"),
        (ONE + record([1.0], [2], 5, None), "record 1 has no label"),
        (record([1.0], [2], 5, None) + ONE, "record 1 has a label, others have none"),
        (ONE + record([1.0], [2, 3], 5, 1.0), "record 1 has 1 values but 2 keys"),
    ],
)
def test_damage_is_named_with_its_record(raw: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(raw)


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (record([1.0], [2], 6, 1.0), "record 5 has feature_dim 6, the records before it 5"),
        (record([1.0], [2], 5, None), "record 5 has no label, the records before it have one"),
    ],
)
def test_damage_is_named_across_pieces(
    last: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "PIECE_BYTES", len(ONE))
    with pytest.raises(InputError, match=message):
        read(5 * ONE + last)


def framed(payload: bytes) -> bytes:
    return struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def test_a_value_of_eight_bytes_is_named() -> None:
    raw = framed(entry(1, varint(1 << 3 | 1) + struct.pack("<d", 1.5)))
    with pytest.raises(InputError, match="record 0 has a value that is not a float32"):
        read(raw)


@pytest.mark.parametrize(("number", "kind"), [(3, "float64"), (7, "int32")])
def test_another_tensor_type_is_named(number: int, kind: str) -> None:
    tensor = field(1, b"\0" * 8)
    raw = framed(field(1, field(1, b"values") + field(2, field(number, tensor))))
    with pytest.raises(InputError, match=f"record 0 has a feature tensor of type {kind}"):
        read(raw)


def test_any_order_of_fields_is_read() -> None:
    shape, keys, values = (
        field(3, varint(300)),
        field(2, varint(299)),
        field(1, struct.pack("<f", 7)),
    )
    label = entry(2, field(1, struct.pack("<f", 1)))
    raw = framed(field(3, b"uid") + label + entry(1, shape + keys + values))
    features, labels = read(raw)
    assert features.shape == (1, 300)
    assert features.indices.tolist() == [299]
    assert features.data.tolist() == [7.0]
    assert labels.tolist() == [1.0]
