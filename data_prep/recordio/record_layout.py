"""The position of each byte in a RecordIO-protobuf record, for a shape of row.

A record is `magic | length | payload | zeros up to a multiple of four`, the payload being the
message `aialgs.data.Record` (https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html):
a map from "values" to a tensor of values, keys and shape, and a map from "values" to the label.
Every length prefix follows from the number of values, the bytes of the keys, the number of columns
and whether there is a label; rows that agree in these share one `Layout`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bytes
from data_prep.recordio import varint

MAGIC = 0xCED7230A
HEADER = 8  # bytes: magic number and length of the payload
LARGEST_PAYLOAD = (1 << 29) - 1  # the format keeps the upper three bits of the length for itself


def _field(number: int, payload: bytes) -> bytes:
    return varint.encode(number << 3 | 2) + varint.encode(len(payload)) + payload


def _open_field(number: int, size: int) -> bytes:
    """Return a field's tag and length; its `size` bytes of payload follow."""
    return varint.encode(number << 3 | 2) + varint.encode(size)


ENTRY_KEY = _field(1, b"values")
LABEL_HEAD = (
    _open_field(2, 18) + ENTRY_KEY + _open_field(2, 8) + _open_field(2, 6) + _open_field(1, 4)
)


@dataclass(frozen=True)
class Layout:
    """The bytes that records of one shape have in common, and where the others go.

    Attributes:
        values: the number of float32 values.
        key_bytes: the bytes of the encoded keys.
        template: the whole record, zero where values, keys and label (if there is one) belong.
        at_values, at_keys, at_label: the byte at which each of these begins.
        labelled: whether there is a label.
    """

    values: int
    key_bytes: int
    template: bytes
    at_values: int
    at_keys: int
    at_label: int
    labelled: bool

    @property
    def size(self) -> int:
        """The bytes of a record, frame and padding included."""
        return len(self.template)


@lru_cache(maxsize=4096)
def layout(values: int, key_bytes: int, columns: int | None, labelled: bool) -> Layout:
    """Return the layout of records with as many values, bytes of keys and columns.

    With no values, the fields of values and keys are absent.

    Args:
        values: the number of float32 values.
        key_bytes: the bytes of the encoded keys.
        columns: the width of the matrix; None for a dense record, which has neither keys nor shape.
        labelled: whether the records have a label.
    """
    values_field = _open_field(1, 4 * values) if values else b""
    keys_field = _open_field(2, key_bytes) if key_bytes else b""
    shape = _field(3, varint.encode(columns)) if columns is not None else b""
    tensor = len(values_field) + 4 * values + len(keys_field) + key_bytes + len(shape)
    value = _open_field(2, tensor)
    entry = ENTRY_KEY + _open_field(2, len(value) + tensor) + value
    head = _open_field(1, len(entry) + tensor) + entry + values_field
    tail = shape + (LABEL_HEAD if labelled else b"")
    payload = head + bytes(4 * values) + keys_field + bytes(key_bytes) + tail + bytes(4 * labelled)
    frame = MAGIC.to_bytes(4, "little") + len(payload).to_bytes(4, "little")
    at_values = len(frame) + len(head)
    at_keys = at_values + 4 * values + len(keys_field)
    template = frame + payload + bytes(-len(payload) % 4)
    at_label = at_keys + key_bytes + len(tail)
    return Layout(values, key_bytes, template, at_values, at_keys, at_label, labelled)


def overlapping(raw: Bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return a view of bytes (n,) as overlapping elements of `dtype`, one from every byte."""
    return np.ndarray((len(raw) - dtype.itemsize + 1,), dtype, raw, strides=(1,))
