"""Protocol Buffers' base-128 integers, a whole array at a time.

Source: https://protobuf.dev/programming-guides/encoding/#varints. A value of at most 56 bits takes
at most eight bytes, so its encoding fits one little-endian 64-bit word: all of it is integer
arithmetic on arrays, without a loop over bytes.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bytes, Int64s, Integers, Words

LARGEST = (1 << 56) - 1


class EncodedWords(NamedTuple):
    """Encodings of numbers.

    Attributes:
        words: (n,) each encoding in the low bytes of a word that is zero above; little-endian
            uint32 when four bytes are enough for all of them, else uint64.
        lengths: (n,) uint8, the bytes of each encoding.
    """

    words: NDArray[np.uint32] | Words
    lengths: Bytes


def encode(value: int) -> bytes:
    """Return the encoding of one non-negative integer."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_words(values: Integers) -> EncodedWords:
    """Return the encodings of `values` (n,), each from 0 to LARGEST."""
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
    return EncodedWords(words, lengths)


def size(value: int) -> int:
    """Return the bytes that the encoding of one non-negative integer takes."""
    return max(1, (value.bit_length() + 6) // 7)


def decode_words(words: Words) -> Int64s:
    """Return the integers (n,) that little-endian `words` (n,) hold, one encoding in each."""
    values = words & np.uint64(0x7F)
    largest = int(words.max(initial=0))
    for byte in range(1, -(-largest.bit_length() // 8)):
        septet = words >> np.uint64(byte)
        septet &= np.uint64(0x7F << 7 * byte)
        values |= septet
    return values.astype(np.int64)
