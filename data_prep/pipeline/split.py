"""Which interactions are for testing: a mask per block of rows, the same each time it is asked."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.pipeline.spool import TIME, Spool
from data_prep.settings import Split

Mask = NDArray[np.bool_]
_BITS = 22  # of a time, looked at in one pass
_STREAM = 1  # the random stream of the split; shuffling has another


class Splitter:
    """The division of a spool's rows by the chosen strategy.

    `user` is the name of the user field. Raises InputError when a strategy cannot be followed.
    """

    def __init__(self, spool: Spool, split: Split, user: str, users: int) -> None:
        self._spool = spool
        self._split = split
        self._user = user
        if split.strategy != "random" and TIME not in (spool.dtype.names or ()):
            raise InputError(
                f"split.strategy {split.strategy!r} needs the time of each interaction",
                fix="Name the column in columns.timestamp, or use strategy 'random'",
            )
        if split.strategy == "time":
            self._last_training_time = self._cut()
        if split.strategy == "leave_last_out":
            self._last_rows = self._last_row_of_each(users)

    def masks(self) -> Iterator[Mask]:
        """For each block of the spool, whether a row (n,) is for testing."""
        if self._split.strategy == "random":
            return self._random()
        if self._split.strategy == "time":
            return (block[TIME] > self._last_training_time for block in self._spool.blocks())
        return self._last()

    @property
    def _test_rows(self) -> int:
        return round(self._spool.rows * self._split.test_fraction)

    def _random(self) -> Iterator[Mask]:
        """Exactly the asked number of rows, each subset of that size being equally likely."""
        random = np.random.default_rng([self._split.seed, _STREAM])
        wanted, left = self._test_rows, self._spool.rows
        for block in self._spool.blocks():
            here = int(random.hypergeometric(wanted, left - wanted, len(block)))
            mask = np.zeros(len(block), np.bool_)
            mask[random.choice(len(block), here, replace=False, shuffle=False)] = True
            wanted, left = wanted - here, left - len(block)
            yield mask

    def _cut(self) -> float:
        """The latest time in the training part: rows of the same time stay together.

        Radix selection over the times' bit patterns, which order as the numbers do: a few passes
        and a fixed amount of memory at any number of rows.
        """
        rank = self._spool.rows - self._test_rows - 1
        prefix, known = np.uint64(0), 0
        while known < 64:
            bits = min(_BITS, 64 - known)
            shift = np.uint64(64 - known - bits)
            counts = np.zeros(1 << bits, np.int64)
            for block in self._spool.blocks():
                keys = _ordered(block[TIME])
                if known:
                    keys = keys[keys >> np.uint64(64 - known) == prefix]
                digits = (keys >> shift) & np.uint64((1 << bits) - 1)
                counts += np.bincount(digits.astype(np.int64), minlength=1 << bits)
            before = np.cumsum(counts)
            digit = int(np.searchsorted(before, rank, "right"))
            rank -= int(before[digit] - counts[digit])
            prefix = (prefix << np.uint64(bits)) | np.uint64(digit)
            known += bits
        return _time(prefix)

    def _last_row_of_each(self, users: int) -> NDArray[np.int64]:
        """The row of each user's latest interaction (users,), -1 for users who have only one."""
        times = np.full(users, -np.inf)
        rows = np.full(users, -1, np.int64)
        seen = np.zeros(users, np.int64)
        first = 0
        for block in self._spool.blocks():
            user = block[self._user]
            order = np.lexsort((block[TIME], user))  # stable: of equal times, the last in the file
            last = order[np.flatnonzero(np.diff(user[order], append=-1))]
            later = last[block[TIME][last] >= times[user[last]]]
            times[user[later]] = block[TIME][later]
            rows[user[later]] = first + later
            seen += np.bincount(user, minlength=users)
            first += len(block)
        return np.where(seen > 1, rows, -1)

    def _last(self) -> Iterator[Mask]:
        first = 0
        for block in self._spool.blocks():
            yield self._last_rows[block[self._user]] == first + np.arange(len(block))
            first += len(block)


def _ordered(times: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Integers that order as the times: the sign bit turned, negative numbers reversed."""
    bits = (times + 0.0).view(np.uint64)
    top = np.uint64(1 << 63)
    return np.where(bits & top, ~bits, bits | top)


def _time(key: np.uint64) -> float:
    top = np.uint64(1 << 63)
    bits = key & ~top if key & top else ~key
    return float(np.array([bits], np.uint64).view(np.float64)[0])
