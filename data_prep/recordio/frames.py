"""The frames of a RecordIO file: where its records lie, a few megabytes at a time.

Frames are recognised by their magic numbers and verified by the chain of their lengths.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bytes, Int64s
from data_prep.errors import InputError
from data_prep.recordio.record_layout import HEADER, LARGEST_PAYLOAD, MAGIC

PIECE_BYTES = 4 << 20
SLACK = 16  # bytes after the records of a piece: a word can be read at any byte of it


class Piece(NamedTuple):
    """Some whole records of a file, n >= 1.

    Attributes:
        raw: their bytes, and SLACK more.
        starts: (n,) the byte at which the payload of each record begins.
        lengths: (n,) the bytes of the payloads.
    """

    raw: Bytes
    starts: Int64s
    lengths: Int64s


def read_pieces(file: BinaryIO, name: str | None) -> Iterator[Piece]:
    """Yield the records of a file, about PIECE_BYTES at a time.

    Args:
        file: a binary file that is open for reading.
        name: what an error calls the file.

    Raises:
        InputError: a record does not begin with the magic number, or is truncated.
    """
    rest = b""
    done = 0
    records = 0
    while True:
        more = file.read(max(PIECE_BYTES, len(rest)))
        data = rest + more
        if not data:
            return
        raw = np.zeros(len(data) + SLACK + -len(data) % 4, np.uint8)
        raw[: len(data)] = np.frombuffer(data, np.uint8)
        starts, lengths = _payloads(raw, len(data))
        end = int(starts[-1] + lengths[-1] + -lengths[-1] % 4) if len(starts) else 0
        if not more or (len(data) - end >= HEADER):
            _check_frame(data, end, bool(more), records + len(starts), done + end, name)
        if len(starts):
            yield Piece(raw, starts, lengths)
        rest = data[end:]
        done += end
        records += len(starts)
        if not more:
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


def _payloads(raw: Bytes, size: int) -> tuple[Int64s, Int64s]:
    """Return start and length of each payload of the whole records at the beginning of `raw`."""
    words = raw.view("<u4")
    frames = np.flatnonzero(words[: size // 4] == MAGIC)
    frames = frames[frames < size // 4 - 1]
    lengths = words[frames + 1].astype(np.int64)
    following = frames + 2 + (lengths + 3) // 4
    chained = len(frames) > 0 and frames[0] == 0 and bool((following[:-1] == frames[1:]).all())
    if not chained:
        frames, lengths, following = _follow_lengths(words, size // 4)
    whole = (following * 4 <= size) & (lengths <= LARGEST_PAYLOAD)
    count = len(whole) if whole.all() else int(np.argmin(whole))
    return frames[:count] * 4 + HEADER, lengths[:count]


def _follow_lengths(words: NDArray[np.uint32], count: int) -> tuple[Int64s, Int64s, Int64s]:
    """Return the frames one by one, for a magic number occurs inside a payload as well."""
    starts = []
    at = 0
    while at + 1 < count and words[at] == MAGIC:
        starts.append(at)
        at += 2 + (int(words[at + 1]) + 3) // 4
    frames = np.array(starts, np.int64)
    lengths = words[frames + 1].astype(np.int64)
    return frames, lengths, frames + 2 + (lengths + 3) // 4
