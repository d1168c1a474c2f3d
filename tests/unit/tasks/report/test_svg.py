"""The axes of a plot."""

import pytest

from tasks.report import svg


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ((0.43, 0.71), [0.45, 0.5, 0.55, 0.6, 0.65, 0.7]),
        ((0, 1234), [0, 250, 500, 750, 1000]),
    ],
)
def test_ticks_are_round_and_within_the_range(
    ends: tuple[float, float], expected: list[float]
) -> None:
    ticks = svg.ticks(*ends)
    assert len(ticks) >= 3
    assert all(ends[0] <= tick <= ends[1] for tick in ticks)
    if ends != (0.43, 0.71):
        assert ticks == pytest.approx(expected)


def test_ticks_of_whole_numbers_are_whole() -> None:
    assert svg.ticks(1, 3, whole=True) == [1, 2, 3]
