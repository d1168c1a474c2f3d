"""How the report words its facts."""

import pytest

from tasks.report.content import duration


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.34, "12.3 s"), (245, "4 min 5 s"), (7380, "2 h 3 min")]
)
def test_a_duration_is_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text
