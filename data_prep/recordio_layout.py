"""Where each byte of a RecordIO-protobuf record lies, for a given shape of row.

A record is `magic | length | payload | zeros up to a multiple of four`, the payload being the
message `aialgs.data.Record` (https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html):
a map from "values" to a tensor of values, keys and shape, and a map from "values" to the label.
Every length prefix follows from the number of values, the bytes of the keys, the number of columns
and whether there is a label; rows that agree in these share one `Layout`.
"""

from dataclasses import dataclass
from functools import lru_cache

from data_prep import varint

MAGIC = 0xCED7230A
LARGEST_PAYLOAD = (1 << 29) - 1  # the format keeps the upper three bits of the length for itself


def _field(number: int, payload: bytes) -> bytes:
    return varint.encode(number << 3 | 2) + varint.encode(len(payload)) + payload


def _open_field(number: int, size: int) -> bytes:
    """A field's tag and length, when its `size` bytes of payload come later."""
    return varint.encode(number << 3 | 2) + varint.encode(size)


ENTRY_KEY = _field(1, b"values")
LABEL_HEAD = (
    _open_field(2, 18) + ENTRY_KEY + _open_field(2, 8) + _open_field(2, 6) + _open_field(1, 4)
)


@dataclass(frozen=True)
class Layout:
    """The constant bytes of a record, between which values, keys and label are put.

    `head` + values + `middle` + keys + `tail` + label (if any) + padding; `size` in bytes is that
    of the whole record.
    """

    head: bytes
    middle: bytes
    tail: bytes
    size: int
    payload: int

    @property
    def padding(self) -> int:
        return -self.payload % 4


@lru_cache(maxsize=4096)
def layout(values: int, key_bytes: int, columns: int | None, labelled: bool) -> Layout:
    """The layout of a record of `values` float32 and `key_bytes` bytes of keys.

    `columns` is the width of the matrix, or None for a dense record, which has neither keys nor
    shape. With no values, the fields of values and keys are absent.
    """
    values_head = _open_field(1, 4 * values) if values else b""
    middle = _open_field(2, key_bytes) if key_bytes else b""
    shape = _field(3, varint.encode(columns)) if columns is not None else b""
    tensor = len(values_head) + 4 * values + len(middle) + key_bytes + len(shape)
    value = _open_field(2, tensor)
    entry = ENTRY_KEY + _open_field(2, len(value) + tensor) + value
    body = _open_field(1, len(entry) + tensor) + entry + values_head
    tail = shape + (LABEL_HEAD if labelled else b"")
    payload = len(body) + 4 * values + len(middle) + key_bytes + len(tail) + 4 * labelled
    frame = MAGIC.to_bytes(4, "little") + payload.to_bytes(4, "little")
    return Layout(frame + body, middle, tail, 8 + payload + -payload % 4, payload)
