"""MXNet's NDArray list file (`params`), read and written without MXNet.

Layout as in apache/mxnet 1.9.1, `src/ndarray/ndarray.cc` (NDArray::Save and NDArray::Load):
all little-endian; a header, the arrays, then their names. A row_sparse array stores only some of
its rows; the others are zero.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np

from fm.arrays import AnyArray, Float32s, Int64s

_LIST_MAGIC = 0x112
_V1, _V2, _V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
_DENSE, _ROW_SPARSE = 0, 1
_CPU = 1
_INT64 = 6
_DTYPES = ("<f4", "<f8", "<f2", "u1", "<i4", "i1", "<i8", "?")
_MAX_DIMENSIONS = 32
_WRITE_BYTES = 1 << 22
_MOST_ENTRIES = 4096  # arrays, names, or characters of a name: a model has a handful


class FormatError(ValueError):
    """The bytes are not an NDArray list, or one of a kind that a model never holds."""


def write(file: BinaryIO, arrays: Mapping[str, Float32s]) -> None:
    """Write arrays as dense V2 entries: byte for byte what mx.nd.save of MXNet 1.9.1 writes.

    Args:
        file: Where to write.
        arrays: Name -> float32 array, in the order of the file.
    """
    file.write(struct.pack("<QQQ", _LIST_MAGIC, 0, len(arrays)))
    for array in arrays.values():
        shape = struct.pack(f"<I{array.ndim}q", array.ndim, *array.shape)
        file.write(struct.pack("<Ii", _V2, _DENSE) + shape + struct.pack("<iii", _CPU, 0, 0))
        for piece in _pieces(np.ascontiguousarray(array, "<f4")):
            file.write(piece)
    file.write(struct.pack("<Q", len(arrays)))
    for name in arrays:
        encoded = name.encode()
        file.write(struct.pack("<Q", len(encoded)) + encoded)


def _pieces(array: AnyArray) -> Iterator[memoryview]:
    whole = array.reshape(-1).view(np.uint8).data
    for start in range(0, len(whole), _WRITE_BYTES):
        yield whole[start : start + _WRITE_BYTES]


def read(file: BinaryIO) -> dict[str, AnyArray]:
    """Read every array of the file as a dense array.

    Args:
        file: Where the list begins.

    Returns:
        Name -> array, each of the dtype that it is stored in.

    Raises:
        FormatError: The bytes end early, or are not an NDArray list.
    """
    reader = _Reader(file)
    magic, _, count = reader.unpack("<QQQ")
    if magic != _LIST_MAGIC:
        raise FormatError(f"it starts with {magic:#x}, not with an NDArray list's {_LIST_MAGIC:#x}")
    arrays = [reader.array() for _ in range(reader.bounded(count, "arrays"))]
    names = [reader.name() for _ in range(reader.bounded(reader.unpack("<Q")[0], "names"))]
    if len(names) != len(arrays):
        raise FormatError(f"it holds {len(arrays)} arrays but {len(names)} names")
    return dict(zip(names, arrays, strict=True))


class _Reader:
    """Reads one part of the file after the other; each method raises FormatError."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def bytes(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise FormatError(f"it ends {count - len(data)} bytes early")
        return data

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self.bytes(struct.calcsize(layout)))

    def bounded(self, count: int, what: str, limit: int = _MOST_ENTRIES) -> int:
        if count > limit:
            raise FormatError(f"it claims {count} {what}; a model has a handful")
        return count

    def name(self) -> str:
        length = self.bounded(self.unpack("<Q")[0], "characters in a name")
        return self.bytes(length).decode("utf-8", "replace")

    def shape(self, dimension: str = "q") -> tuple[int, ...]:
        return self._dimensions(self.unpack("<I")[0], dimension)

    def _dimensions(self, count: int, dimension: str) -> tuple[int, ...]:
        sizes = self.unpack(f"<{self.bounded(count, 'dimensions', _MAX_DIMENSIONS)}{dimension}")
        if any(size < 0 for size in sizes):
            raise FormatError(f"it holds an array of shape {sizes}")
        return sizes

    def array(self) -> AnyArray:
        (magic,) = self.unpack("<I")
        if magic in (_V2, _V3):
            return self._typed_storage()
        # before V1 an array began with its number of dimensions
        shape = self.shape() if magic == _V1 else self._dimensions(magic, "I")
        return self.data(shape, self._dtype())

    def _typed_storage(self) -> AnyArray:
        (storage,) = self.unpack("<i")
        if storage not in (_DENSE, _ROW_SPARSE):
            raise FormatError(f"it holds an array of storage type {storage}, not dense, row_sparse")
        stored = self.shape() if storage == _ROW_SPARSE else ()
        shape = self.shape()
        dtype = self._dtype()
        if storage == _DENSE:
            return self.data(shape, dtype)
        (index_type,) = self.unpack("<i")
        index_shape = self.shape()
        if index_type != _INT64 or index_shape != stored[:1] or stored[1:] != shape[1:]:
            raise FormatError(f"its row_sparse array of shape {shape} stores rows {stored}")
        rows = self.data(stored, dtype)
        return _densify(shape, rows, self.data(index_shape, np.dtype("<i8")))

    def _dtype(self) -> np.dtype[Any]:
        _, _, code = self.unpack("<iii")
        if not 0 <= code < len(_DTYPES):
            raise FormatError(f"it holds an array of unknown dtype code {code}")
        return np.dtype(_DTYPES[code])

    def data(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> AnyArray:
        data = self.bytes(math.prod(shape) * dtype.itemsize)
        return np.frombuffer(data, dtype).reshape(shape)


def _densify(shape: tuple[int, ...], rows: AnyArray, index: Int64s) -> AnyArray:
    if len(index) and (index.min() < 0 or index.max() >= shape[0]):
        raise FormatError(f"its row_sparse array of {shape[0]} rows stores row {index.max()}")
    dense = np.zeros(shape, rows.dtype)
    dense[index] = rows
    return dense
