"""Work is shared out among cores: every part once, and no error is lost."""

import pytest

from fm.cores import on_all_cores


@pytest.mark.parametrize("parts", [0, 1, 2, 50])
def test_every_part_is_worked_on_once(parts: int) -> None:
    done: list[int] = []
    on_all_cores(done.append, range(0, 3 * parts, 3))
    assert sorted(done) == list(range(0, 3 * parts, 3))


@pytest.mark.parametrize("parts", [1, 20])
def test_an_error_in_a_part_is_raised(parts: int) -> None:
    def fail_at_the_last(start: int) -> None:
        if start == parts - 1:
            raise ValueError("the last part")

    with pytest.raises(ValueError, match="the last part"):
        on_all_cores(fail_at_the_last, range(parts))
