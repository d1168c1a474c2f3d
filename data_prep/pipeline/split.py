"""The test rows of a split: a mask for each block of rows, the same as often as it is read."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bools, Float64s, Int64s, Words
from data_prep.errors import InputError
from data_prep.pipeline.spool import TIME, USER, Spool
from data_prep.settings import Split

TestMasks = Callable[[], Iterator[Bools]]  # of each block of a spool, which rows (n,) are test rows
_BITS = 22  # of a time, looked at in one pass
_STREAM = 1  # the random stream of the split; shuffling has another
_TOP_BIT = np.uint64(1 << 63)


def choose_test_rows(spool: Spool, split: Split, users: int) -> TestMasks:
    """Return the masks of the test rows; it reads the spool as often as the strategy requires.

    Args:
        spool: the rows.
        split: the strategy.
        users: the number of different users.

    Raises:
        InputError: the strategy requires times, and there are none.
    """
    if split.strategy == "random":
        return partial(_random_masks, spool, split)
    if TIME not in (spool.dtype.names or ()):
        raise InputError(
            f"split.strategy {split.strategy!r} needs the time of each interaction",
            fix="Name the column in columns.timestamp, or use strategy 'random'",
        )
    if split.strategy == "time":
        return partial(_later_masks, spool, _last_training_time(spool, split))
    return partial(_row_masks, spool, _last_row_of_each_user(spool, users))


def _test_rows(spool: Spool, split: Split) -> int:
    return round(spool.rows * split.test_fraction)


def _random_masks(spool: Spool, split: Split) -> Iterator[Bools]:
    """Choose exactly the number of rows; each subset of that size is equally likely."""
    random = np.random.default_rng([split.seed, _STREAM])
    to_choose, left = _test_rows(spool, split), spool.rows
    for block in spool.blocks():
        here = int(random.hypergeometric(to_choose, left - to_choose, len(block)))
        mask = np.zeros(len(block), np.bool_)
        mask[random.choice(len(block), here, replace=False, shuffle=False)] = True
        to_choose, left = to_choose - here, left - len(block)
        yield mask


def _later_masks(spool: Spool, last_training_time: float) -> Iterator[Bools]:
    for block in spool.blocks():
        yield block[TIME] > last_training_time


def _row_masks(spool: Spool, test_row_of_user: Int64s) -> Iterator[Bools]:
    first = 0
    for block in spool.blocks():
        yield test_row_of_user[block[USER]] == first + np.arange(len(block))
        first += len(block)


def _last_training_time(spool: Spool, split: Split) -> float:
    """Return the latest time in the training part: rows of the same time stay together.

    Radix selection over the times' bit patterns, which order as the numbers do: a few passes
    and a fixed amount of memory at any number of rows.
    """
    rank = spool.rows - _test_rows(spool, split) - 1
    prefix, known = np.uint64(0), 0
    while known < 64:
        bits = min(_BITS, 64 - known)
        shift = np.uint64(64 - known - bits)
        counts = np.zeros(1 << bits, np.int64)
        for block in spool.blocks():
            keys = _sort_keys(block[TIME])
            if known:
                keys = keys[keys >> np.uint64(64 - known) == prefix]
            digits = (keys >> shift) & np.uint64((1 << bits) - 1)
            counts += np.bincount(digits.astype(np.int64), minlength=1 << bits)
        before = np.cumsum(counts)
        digit = int(np.searchsorted(before, rank, "right"))
        rank -= int(before[digit] - counts[digit])
        prefix = (prefix << np.uint64(bits)) | np.uint64(digit)
        known += bits
    return _time_of_sort_key(prefix)


def _last_row_of_each_user(spool: Spool, users: int) -> Int64s:
    """Return the row of each user's latest interaction (users,), -1 for users with only one."""
    times = np.full(users, -np.inf)
    rows = np.full(users, -1, np.int64)
    counts = np.zeros(users, np.int64)
    first = 0
    for block in spool.blocks():
        user = block[USER]
        order = np.lexsort((block[TIME], user))  # stable: of equal times, the last in the file
        last = order[np.flatnonzero(np.diff(user[order], append=-1))]
        later = last[block[TIME][last] >= times[user[last]]]
        times[user[later]] = block[TIME][later]
        rows[user[later]] = first + later
        counts += np.bincount(user, minlength=users)
        first += len(block)
    return np.where(counts > 1, rows, -1)


def _sort_keys(times: Float64s) -> Words:
    """Return integers that order as the times: the sign bit turned, negative numbers reversed."""
    bits = (times + 0.0).view(np.uint64)
    keys: NDArray[np.uint64] = np.where(bits & _TOP_BIT, ~bits, bits | _TOP_BIT)
    return keys


def _time_of_sort_key(key: np.uint64) -> float:
    bits = key & ~_TOP_BIT if key & _TOP_BIT else ~key
    return float(np.array([bits], np.uint64).view(np.float64)[0])
