"""One region, in the CDK's order, for every client and child process."""

import os
from pathlib import Path

import botocore.session
import pytest

from commands.console import CommandError
from commands.place import enter, resolve_region


@pytest.fixture(autouse=True)
def no_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nothing of the machine name a region or hold credentials."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def _region() -> str:
    return resolve_region(os.environ, botocore.session.Session())


def test_aws_region_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert _region() == "us-west-2"
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert _region() == "eu-north-1"


def test_the_profile_goes_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile mine]\nregion = eu-west-3\n")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert _region() == "eu-west-3"


def test_without_a_region_it_is_asked_for() -> None:
    with pytest.raises(CommandError, match="export AWS_REGION="):
        _region()


def test_without_credentials_the_way_to_them_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    # Set, so that it is taken back after the test.
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    with pytest.raises(CommandError, match=r"in eu-north-1: .*credentials.*AWS_PROFILE"):
        enter()
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-north-1"
