"""`make lab` needs JupyterLab, and knows a lab that is set up by the script's own words."""

import pytest

from commands import lab
from commands.console import CommandError
from tests.unit.house import ROOT


def test_without_jupyterlab_the_error_says_how_it_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lab, "IMAGE", ROOT / "build" / "nothing")
    monkeypatch.setattr("sys.argv", ["lab"])
    with pytest.raises(CommandError, match=r"not installed in build/nothing: run `make lab`"):
        lab.lab()


def test_the_script_ends_with_the_words_that_are_looked_for() -> None:
    script = (ROOT / "stacks" / "lab_on_start.sh").read_text()
    assert f'echo "{lab._READY}, ' in script
