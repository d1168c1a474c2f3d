"""The table has a line a verdict; only what is missing refuses, with what to do."""

import pytest

from commands.console import CommandError
from commands.preflight import refuse
from commands.verdicts import Verdict

OK = Verdict("CDK bootstrap", "ok", "version 30")
UNKNOWN = Verdict("Lambda concurrency", "cannot tell", "AccessDenied", "go on")
MISSING = Verdict("ml.m5.large", "missing", "0, 1 needed", "ask for 1 or more: https://example.com")


def test_what_is_ok_or_cannot_be_told_does_not_refuse(capsys: pytest.CaptureFixture[str]) -> None:
    refuse([OK, UNKNOWN])
    shown = capsys.readouterr().out
    assert "version 30" in shown
    assert "Lambda concurrency: go on" in shown.splitlines()


def test_what_is_missing_refuses_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"missing: ml\.m5\.large; nothing has been changed"):
        refuse([OK, MISSING])
    shown = capsys.readouterr().out.splitlines()
    assert "ml.m5.large: ask for 1 or more: https://example.com" in shown
