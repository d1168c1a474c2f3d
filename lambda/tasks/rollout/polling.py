"""How long the state machine waits before it asks again whether a roll-out is done; no AWS."""

import math

FIRST_WAIT_SECONDS = 15
_GROWTH = 1.05


def next_wait_seconds(previous: int) -> int:
    """Return the wait after one of `previous` seconds.

    A poll adds nine events to the execution's history, which may have 25,000. With waits that grow,
    a roll-out of eight hours takes a hundred polls, and its end is noticed at most about a
    twentieth of its time late.
    """
    return math.ceil(previous * _GROWTH)
