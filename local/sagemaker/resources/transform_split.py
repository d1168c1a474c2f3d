"""Splits the input object of a batch transform into the payloads of its requests."""

import struct
from collections.abc import Iterable, Iterator

RECORDIO_MAGIC = 0xCED7230A


class SplitError(ValueError):
    """An object whose records cannot be read; the message is a FailureReason."""


def payloads(content: bytes, split: str, strategy: str, limit: int) -> Iterator[bytes]:
    """Split an object.

    Args:
        content: the object's bytes.
        split: the job's SplitType: `None`, `Line` or `RecordIO`.
        strategy: its BatchStrategy: `MultiRecord` or `SingleRecord`.
        limit: bytes of a payload, which one record alone may exceed.

    Raises:
        SplitError: the content is to be split as RecordIO and is not.
    """
    if split == "None":
        yield content
        return
    records = _lines(content) if split == "Line" else _frames(content)
    if strategy == "SingleRecord":
        yield from records
        return
    yield from _packed(records, limit)


def _packed(records: Iterable[bytes], limit: int) -> Iterator[bytes]:
    packed = bytearray()
    for record in records:
        if packed and len(packed) + len(record) > limit:
            yield bytes(packed)
            packed.clear()
        packed += record
    if packed:
        yield bytes(packed)


def _lines(content: bytes) -> Iterator[bytes]:
    for line in content.splitlines(keepends=True):
        if line.strip():
            yield line


def _frames(content: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(content):
        try:
            magic, length = struct.unpack_from("<II", content, start)
        except struct.error:
            raise SplitError("ClientError: the RecordIO input is cut off") from None
        end = start + 8 + (length + 3) // 4 * 4
        if magic != RECORDIO_MAGIC or end > len(content):
            raise SplitError("ClientError: the input is not RecordIO, or is cut off")
        yield content[start:end]
        start = end
