"""Where the records of a RecordIO file lie, a few megabytes at a time.

The frames are found by their magic numbers and proved by the chain of their lengths.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.recordio.record_layout import LARGEST_PAYLOAD, MAGIC

PIECE = 4 << 20
_SLACK = 16  # so that a word can be read whole at any byte of a piece

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def pieces(file: BinaryIO, name: str | None) -> Iterator[tuple[Bytes, Places, Places]]:
    """Whole records: bytes (with slack after them), payload starts (n,), payload lengths (n,)."""
    rest = b""
    done = 0
    records = 0
    while True:
        read = file.read(max(PIECE, len(rest)))
        data = rest + read
        if not data:
            return
        piece = np.zeros(len(data) + _SLACK + -len(data) % 4, np.uint8)
        piece[: len(data)] = np.frombuffer(data, np.uint8)
        starts, lengths = _frames(piece, len(data))
        end = int(starts[-1] + lengths[-1] + -lengths[-1] % 4) if len(starts) else 0
        if not read or (len(data) - end >= 8):
            _check_frame(data, end, bool(read), records + len(starts), done + end, name)
        if len(starts):
            yield piece, starts, lengths
        rest = data[end:]
        done += end
        records += len(starts)
        if not read:
            return


def _check_frame(
    data: bytes, at: int, more: bool, record: int, offset: int, name: str | None
) -> None:
    """Raise when the record at `at`, which is not whole, will not become whole by reading on."""
    if at == len(data):
        return
    magic, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
    where = f"record {record}, at byte {offset},"
    if len(magic) == 4 and int.from_bytes(magic, "little") != MAGIC:
        raise InputError(
            f"{where} does not start with RecordIO's magic number",
            file=name,
            value=magic.hex(),
            fix="The file is not RecordIO-protobuf, or bytes were lost before this record",
        )
    if length > LARGEST_PAYLOAD:
        raise InputError(f"{where} is split into parts, which SageMaker does not write", file=name)
    if not more:
        raise InputError(
            f"{where} is truncated: {len(data) - at} of its {8 + length + -length % 4} bytes",
            file=name,
        )


def _frames(piece: Bytes, size: int) -> tuple[Places, Places]:
    """Starts and lengths of the payloads of the whole records at the beginning of the piece."""
    words = piece.view("<u4")
    found = np.flatnonzero(words[: size // 4] == MAGIC)
    found = found[found < size // 4 - 1]
    lengths = words[found + 1].astype(np.int64)
    following = found + 2 + (lengths + 3) // 4
    good = len(found) > 0 and found[0] == 0 and bool((following[:-1] == found[1:]).all())
    if not good:
        found, lengths, following = _walk(words, size // 4)
    whole = (following * 4 <= size) & (lengths <= LARGEST_PAYLOAD)
    count = len(whole) if whole.all() else int(np.argmin(whole))
    return found[:count] * 4 + 8, lengths[:count]


def _walk(words: NDArray[np.uint32], count: int) -> tuple[Places, Places, Places]:
    """The frames one after the other, when a magic number occurs inside a payload as well."""
    found = []
    at = 0
    while at + 1 < count and words[at] == MAGIC:
        found.append(at)
        at += 2 + (int(words[at + 1]) + 3) // 4
    places = np.array(found, np.int64)
    lengths = words[places + 1].astype(np.int64)
    return places, lengths, places + 2 + (lengths + 3) // 4
