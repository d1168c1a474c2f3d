"""Polling for a roll-out: often at first, and rarely when it takes hours."""

import pytest

from tasks.rollout.polling import FIRST_WAIT_SECONDS, next_wait_seconds


def _waits(hours: float) -> list[int]:
    """Return the waits in a roll-out of so many hours."""
    waits = [FIRST_WAIT_SECONDS]
    while sum(waits) < 3600 * hours:
        waits.append(next_wait_seconds(waits[-1]))
    return waits


@pytest.mark.parametrize(("hours", "seconds"), [(0.1, 45), (1, 240), (8, 1800)])
def test_the_end_is_noticed_a_twentieth_late(hours: float, seconds: int) -> None:
    assert _waits(hours)[-1] < seconds


@pytest.mark.parametrize(("hours", "polls"), [(1, 60), (8, 100), (24 * 30, 200)])
def test_a_long_roll_out_takes_few_polls(hours: float, polls: int) -> None:
    assert len(_waits(hours)) < polls
