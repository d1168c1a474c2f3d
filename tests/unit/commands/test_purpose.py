"""A command's first line says what the model is for."""

from typing import get_args

import pytest

from commands.purpose import show_purpose
from data_prep.settings import Purpose


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_a_purpose_comes_with_its_meaning_and_the_way_to_the_others(
    purpose: Purpose, capsys: pytest.CaptureFixture[str]
) -> None:
    show_purpose(purpose)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"Purpose {purpose}: ")
    others = {f"PURPOSE={other}" for other in get_args(Purpose) if other != purpose}
    assert all(other in line for other in others)
    assert f"PURPOSE={purpose}" not in line
