"""MXNet's array file: every encoding that a version of MXNet writes is read."""

import io
import struct
from typing import Any

import numpy as np
import pytest

from fm import ndarray_list
from fm.ndarray_list import FormatError

ARRAYS = {
    "arg:w0_weight": np.array([0.5], np.float32),
    "arg:w1_weight": np.array([[1.0], [2.0], [0.0]], np.float32),
    "arg:v": np.array([[1, 2], [3, 4], [0, 0]], np.float32),
}


def v1(array: Any) -> bytes:
    shape = struct.pack(f"<I{array.ndim}q", array.ndim, *array.shape)
    return (
        struct.pack("<I", 0xF993FAC8)
        + shape
        + struct.pack("<iii", 1, 0, 0)
        + bytes(array.tobytes())
    )


def legacy(array: Any) -> bytes:
    shape = struct.pack(f"<I{array.ndim}I", array.ndim, *array.shape)
    return shape + struct.pack("<iii", 1, 0, 0) + bytes(array.tobytes())


def v3(array: Any) -> bytes:
    shape = struct.pack(f"<i{array.ndim}q", array.ndim, *array.shape)
    head = struct.pack("<Ii", 0xF993FACA, 0)
    return head + shape + struct.pack("<iii", 1, 0, 0) + bytes(array.tobytes())


def row_sparse(array: Any) -> bytes:
    index = np.flatnonzero(array.reshape(len(array), -1).any(1)).astype("<i8")
    stored = np.ascontiguousarray(array[index])
    shapes = b"".join(struct.pack(f"<I{a.ndim}q", a.ndim, *a.shape) for a in (stored, array))
    aux = struct.pack("<iIq", 6, 1, len(index))
    head = struct.pack("<Ii", 0xF993FAC9, 1) + shapes + struct.pack("<iii", 1, 0, 0)
    return head + aux + bytes(stored.tobytes() + index.tobytes())


def listed(entries: dict[str, bytes]) -> bytes:
    names = b"".join(struct.pack("<Q", len(name)) + name.encode() for name in entries)
    count = struct.pack("<Q", len(entries))
    return struct.pack("<QQ", 0x112, 0) + count + b"".join(entries.values()) + count + names


def written(arrays: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    ndarray_list.write(file, arrays)
    return file.getvalue()


def read(data: bytes) -> dict[str, Any]:
    return {name: array.tolist() for name, array in ndarray_list.read(io.BytesIO(data)).items()}


def test_what_is_written_is_read() -> None:
    assert read(written(ARRAYS)) == {name: array.tolist() for name, array in ARRAYS.items()}


@pytest.mark.parametrize("encode", [v1, legacy, v3, row_sparse])
def test_other_array_encodings_read_the_same(encode: Any) -> None:
    data = listed({name: encode(array) for name, array in ARRAYS.items()})
    assert read(data) == read(written(ARRAYS))


def test_a_file_that_ends_early_is_refused() -> None:
    with pytest.raises(FormatError, match="1 bytes early"):
        read(written(ARRAYS)[:-1])


def test_a_row_beyond_the_array_is_refused() -> None:
    data = bytearray(listed({"arg:v": row_sparse(ARRAYS["arg:v"])}))
    at = data.rindex(struct.pack("<q", 1) + struct.pack("<Q", 1))  # the index of the last row
    data[at] = 7
    with pytest.raises(FormatError, match="stores row 7"):
        read(bytes(data))
