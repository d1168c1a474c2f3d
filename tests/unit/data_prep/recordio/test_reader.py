"""RecordIO to matrices: round trips, any legal encoding, and exact errors."""

import io
import struct
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings

from data_prep.errors import InputError
from data_prep.recordio import frames, parser
from tests.unit.data_prep.recordio.records import (
    MAGIC,
    entry,
    field,
    framed,
    matrices,
    read,
    record,
    same,
    varint,
    written,
)


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
