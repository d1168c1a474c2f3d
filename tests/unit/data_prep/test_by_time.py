"""A second model by time: where there are times, and where its price is small or asked for."""

import pytest

from data_prep import by_time
from data_prep.column_settings import Columns
from data_prep.settings import Split
from data_prep.size_plan import COMFORTABLE

TIMES, NO_TIMES = Columns(timestamp="ts"), Columns(timestamp=None)
RANDOM = Split()


def test_with_times_there_is_one() -> None:
    assert by_time.why_not(RANDOM, TIMES, COMFORTABLE) is None


def test_of_large_data_there_is_one_when_it_is_asked_for() -> None:
    assert by_time.why_not(RANDOM, TIMES, COMFORTABLE + 1, wanted=True) is None


@pytest.mark.parametrize(
    ("split", "columns", "non_zeros", "wanted", "reason"),
    [
        (RANDOM, TIMES, 1, False, "evaluation.by_time is false"),
        (RANDOM, NO_TIMES, 1, None, "the interactions have no timestamps"),
        (RANDOM, NO_TIMES, 1, True, "the interactions have no timestamps"),
        (Split(strategy="time"), TIMES, 1, None, "the split is by time already"),
        (Split(strategy="leave_last_out"), TIMES, 1, None, "the split is by time already"),
        (RANDOM, TIMES, COMFORTABLE + 1, None, "60,000,001 non-zeros, more than the 60 million"),
    ],
)
def test_otherwise_it_is_said_why_there_is_none(
    split: Split, columns: Columns, non_zeros: int, wanted: bool | None, reason: str
) -> None:
    said = by_time.why_not(split, columns, non_zeros, wanted=wanted)
    assert said is not None
    assert reason in said
