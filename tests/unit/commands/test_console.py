"""One line a step, with its time; one line an error."""

import re

import pytest
from botocore.exceptions import NoCredentialsError

from commands import console
from commands.console import CommandError, step


def test_a_step_that_is_done_shows_its_time_and_detail(capsys: pytest.CaptureFixture[str]) -> None:
    with step("deploy") as current:
        current.detail = "four stacks"
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"✔ deploy \d+\.\d s  four stacks", line)


def test_a_step_that_fails_is_shown_as_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no"), step("deploy"):
        raise ValueError("no")
    assert capsys.readouterr().out.startswith("✘ deploy")


@pytest.mark.parametrize("error", [CommandError("two\nlines"), NoCredentialsError()])
def test_what_a_person_can_put_right_is_one_line_and_exit_code_2(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise error

    with pytest.raises(SystemExit) as end:
        console.main(fail)
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("factorstack: ")
