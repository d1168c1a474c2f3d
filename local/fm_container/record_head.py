"""The first bytes of a channel: whether its records are dense, and how long the first ones are.

The container looks at the first record to choose its network: a tensor with keys or a shape is
sparse, one of values alone dense (SageMaker developer guide, "Common Data Formats for Training").
"""

from collections.abc import Iterator

_FEATURES, _ENTRY_VALUE, _FLOAT32_TENSOR = 1, 2, 2
_KEYS, _SHAPE = 2, 3
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5


def is_dense(head: bytes) -> bool:
    """Whether the first record of a well-formed RecordIO file has neither keys nor a shape."""
    content = head[8 : 8 + int.from_bytes(head[4:8], "little")]
    for wanted in (_FEATURES, _ENTRY_VALUE, _FLOAT32_TENSOR):
        content = next((part for number, part in _fields(content) if number == wanted), b"")
    return not {number for number, _ in _fields(content)} & {_KEYS, _SHAPE}


def size_of(head: bytes, records: int) -> int:
    """Bytes of the first `records` records, or of as many as there are."""
    at = 0
    for _ in range(records):
        if at + 8 > len(head):
            break
        length = int.from_bytes(head[at + 4 : at + 8], "little")
        at += 8 + length + -length % 4
    return min(at, len(head))


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of the message's length-delimited fields."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _DELIMITED:
            size, at = _varint(message, at)
            yield tag >> 3, message[at : at + size]
            at += size
        elif kind == _VARINT:
            _, at = _varint(message, at)
        else:
            at += {_FIXED64: 8, _FIXED32: 4}[kind]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at
