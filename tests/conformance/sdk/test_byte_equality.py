"""The SageMaker Python SDK 2 writes the same bytes, and reads ours.

The SDK is large and outdated, so it is in an environment of its own (requirements.txt beside this
file), and these tests are skipped where it is not installed.
"""

import io
import os
from typing import TypeAlias

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from data_prep import recordio
from data_prep.arrays import FeatureMatrix, Float32s, Int64s

os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
sdk = pytest.importorskip("sagemaker.amazon.common", reason="needs the SDK: make test-sdk")

CsrMatrix: TypeAlias = "sp.csr_matrix[np.float32]"  # the SDK takes no csr_array
Table: TypeAlias = tuple[CsrMatrix, Float32s | None]  # features (n, d) and labels (n,)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return sparse rows of any raggedness with keys of one to five bytes, and labels or None."""
    rows = draw(st.integers(1, 30))
    columns = draw(st.sampled_from([1, 7, 127, 128, 129, 5_000, 300_000, 10_000_000, 1 << 30]))
    most = min(draw(st.integers(0, 30)), columns)
    same_count = draw(st.booleans())
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    counts = np.full(rows, most) if same_count else random.integers(0, most + 1, rows)
    keys = [np.sort(_distinct(random, columns, count)) for count in counts.tolist()]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    data = random.choice(np.array([0, 1, -2.5, 3e-9, 1e30], np.float32), indptr[-1])
    shape = (rows, columns)
    features = sp.csr_matrix((data, np.concatenate([*keys, []]).astype(np.int64), indptr), shape)
    labels = random.choice(np.array([0, 1, 3.5], np.float32), rows)
    return features, labels if draw(st.booleans()) else None


def _distinct(random: np.random.Generator, columns: int, count: int) -> Int64s:
    """Return columns of all magnitudes, so that keys of every length occur."""
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(int(columns ** random.random()) % columns)
        chosen.add(int(random.integers(columns)))
    return np.array(list(chosen)[:count], np.int64)


def ours(features: FeatureMatrix, labels: Float32s | None) -> bytes:
    file = io.BytesIO()
    recordio.write(file, features, labels)
    return file.getvalue()


@settings(max_examples=1500, deadline=None)
@given(tables())
def test_sparse_bytes_are_equal(table: Table) -> None:
    features, labels = table
    file = io.BytesIO()
    sdk.write_spmatrix_to_sparse_tensor(file, features, labels)
    assert ours(features, labels) == file.getvalue()
    assert ours(sp.csr_array(features), labels) == file.getvalue()  # which the SDK cannot take


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 20), st.integers(1, 60), st.booleans(), st.integers(0, 2**32))
def test_dense_bytes_are_equal(rows: int, columns: int, labelled: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, columns)).astype(np.float32)
    labels = random.random(rows).astype(np.float32) if labelled else None
    file = io.BytesIO()
    sdk.write_numpy_to_dense_tensor(file, features, labels)
    assert ours(features, labels) == file.getvalue()


@settings(max_examples=200, deadline=None)
@given(tables())
def test_the_sdk_reads_what_we_write(table: Table) -> None:
    features, labels = table
    records = sdk.read_records(io.BytesIO(ours(features, labels)))
    assert len(records) == features.shape[0]
    for row, record in enumerate(records):
        tensor = record.features["values"].float32_tensor
        part = slice(features.indptr[row], features.indptr[row + 1])
        assert list(tensor.keys) == features.indices[part].tolist()
        assert list(tensor.values) == features.data[part].tolist()
        assert list(tensor.shape) == [features.shape[1]]
        assert labels is None or list(record.label["values"].float32_tensor.values) == [labels[row]]


def test_a_change_of_one_byte_would_be_seen() -> None:
    features = sp.csr_matrix(np.eye(3, dtype=np.float32))
    file = io.BytesIO()
    sdk.write_spmatrix_to_sparse_tensor(file, features, np.ones(3, np.float32))
    assert ours(features, np.array([1, 1, 0], np.float32)) != file.getvalue()
