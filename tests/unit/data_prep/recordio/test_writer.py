"""Matrices to RecordIO: exact bytes, bounded memory, and refusals."""

import io
import tracemalloc
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings

from data_prep import recordio
from data_prep.errors import InputError
from data_prep.recordio import blocks
from tests.unit.data_prep.recordio.records import EYE, expected, matrices, read, record, written


@settings(max_examples=150, deadline=None)
@given(matrices())
def test_writes_the_documented_bytes(drawn: Any) -> None:
    matrix, labels = drawn
    assert written(matrix, labels) == expected(matrix, labels)


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
