"""Records made the slow way, straight from the description of the format."""

import io
import struct
from typing import Any

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

from data_prep import recordio

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


def framed(payload: bytes) -> bytes:
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


def same(matrix: Any, other: Any) -> bool:
    return bool(
        matrix.shape == other.shape
        and np.array_equal(matrix.indptr, other.indptr)
        and np.array_equal(matrix.indices, other.indices)
        and np.array_equal(matrix.data, other.data)
    )


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


EYE = sp.csr_array(np.eye(3, dtype=np.float32))
