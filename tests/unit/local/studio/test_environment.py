"""An app has its role's credentials and its own home, and nothing of the server's."""

from pathlib import Path

import pytest

from local.studio import environment
from local.studio.environment import app_environment


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of what apps have installed, which does not exist yet."""
    monkeypatch.setattr(environment, "IMAGE", tmp_path / "image")
    return tmp_path / "image"


@pytest.fixture
def variables(image: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("GATEWAY_PORT", "4566")
    image.mkdir()
    return app_environment(
        Path("/home/space"),
        region="eu-west-1",
        account={"AWS_CA_BUNDLE": "/account.pem"},
        credentials={"AWS_ACCESS_KEY_ID": "ASIA1"},
        outside={"AWS_CA_BUNDLE": "/owner.pem", "PIP_CERT": "/owner.pem"},
    )


def test_programs_are_found_in_the_image_first(variables: dict[str, str], image: Path) -> None:
    assert variables["PATH"] == f"{image / 'bin'}:/bin"


@pytest.mark.usefixtures("image")
def test_without_an_image_programs_are_the_machines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/bin")
    made = app_environment(Path("/"), region="eu-west-1", account={}, credentials={}, outside={})
    assert made["PATH"] == "/bin"


def test_the_region_is_set_in_both_ways(variables: dict[str, str]) -> None:
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_the_account_counts_more_than_the_way_outside(variables: dict[str, str]) -> None:
    assert (variables["AWS_CA_BUNDLE"], variables["PIP_CERT"]) == ("/account.pem", "/owner.pem")


def test_the_servers_own_variables_are_not_passed_on(variables: dict[str, str]) -> None:
    assert "GATEWAY_PORT" not in variables


def test_a_saved_environment_is_for_this_user_only(tmp_path: Path) -> None:
    path = tmp_path / "apps" / "app.json"
    environment.save(path, {"AWS_SECRET_ACCESS_KEY": "secret"})
    assert path.stat().st_mode & 0o777 == 0o600
    assert environment.load(path) == {"AWS_SECRET_ACCESS_KEY": "secret"}
