"""`make recommend` asks for the user or history that it is given, and refuses to ask without."""

import subprocess
import sys
from pathlib import Path

import pytest

from commands.recommend import parser, question_of

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("flags", "question"),
    [
        (["--user", "42", "--n", "3"], {"user": "42", "n": "3"}),
        (["--history", "1,2,3"], {"history": ["1", "2", "3"], "n": "10"}),
        (
            ["--user", "42", "--history", "1", "--recent", "2,3,"],
            {"user": "42", "history": ["1"], "recent": ["2", "3"], "n": "10"},
        ),
        (["--user", "", "--similar", "5"], {"similar": "5", "n": "10"}),
    ],
)
def test_the_flags_become_a_question(flags: list[str], question: dict[str, object]) -> None:
    assert question_of(parser().parse_args(flags)) == question


def test_nobody_is_an_error_that_says_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "commands.recommend", "--user", ""],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "make recommend USER=42" in line
    assert "HISTORY=item,item" in line
