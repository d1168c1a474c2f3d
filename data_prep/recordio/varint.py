"""Protocol Buffers' base-128 integers, a whole array at a time.

Source: https://protobuf.dev/programming-guides/encoding/#varints. A value of at most 56 bits takes
at most eight bytes, so its encoding fits one little-endian 64-bit word: all of it is integer
arithmetic on arrays, without a loop over bytes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = (1 << 56) - 1


def encode(value: int) -> bytes:
    """The encoding of one non-negative integer."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_words(values: NDArray[np.integer[Any]]) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """The encodings of `values` (n,), each in the low bytes of a word that is zero above.

    Returns (words, lengths): words (n,) little-endian uint32 when four bytes are enough for all of
    them, else uint64; lengths (n,) uint8, in bytes.
    """
    largest = int(values.max(initial=0))
    dtype: np.dtype[Any] = np.dtype("<u4") if largest < 1 << 28 else np.dtype("<u8")
    rest = values.astype(dtype)
    words = rest & dtype.type(0x7F)
    lengths = np.ones(len(rest), np.uint8)
    part = np.empty_like(rest)
    for byte in range(1, size(largest)):
        more = rest >= dtype.type(1 << (7 * byte))
        lengths += more
        np.bitwise_and(rest, dtype.type(0x7F << (7 * byte)), out=part)
        part <<= dtype.type(byte)
        words |= part
        np.multiply(more, dtype.type(0x80 << (8 * (byte - 1))), out=part)
        words |= part
    return words, lengths


def size(value: int) -> int:
    """The bytes of the encoding of one non-negative integer."""
    return max(1, (value.bit_length() + 6) // 7)


def decode_words(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The integers whose encodings are all that is in the little-endian `words` (n,)."""
    values = words & np.uint64(0x7F)
    largest = int(words.max(initial=0))
    for byte in range(1, -(-largest.bit_length() // 8)):
        group = words >> np.uint64(byte)
        group &= np.uint64(0x7F << 7 * byte)
        values |= group
    return values.astype(np.int64)
