"""Apps reach package indexes as the account's owner does."""

from pathlib import Path

import pytest

from local.studio import outside


@pytest.fixture
def hand_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "HandDown":
    """Return what tells the settings of an apps' environment that an owner's environment makes."""
    return HandDown(monkeypatch, tmp_path)


class HandDown:
    """An owner with a home folder, and the server that the settings are handed to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        self._monkeypatch = monkeypatch
        self.home = home

    def __call__(self, **owner: str) -> dict[str, str]:
        for name, value in outside.handing_down({"HOME": str(self.home), **owner}).items():
            self._monkeypatch.setenv(name, value)
        return outside.handed_down()


def test_what_leads_to_an_index_is_handed_down(hand_down: HandDown) -> None:
    settings = {
        "PIP_INDEX_URL": "https://index.example/simple",
        "UV_INDEX_URL": "https://index.example/simple",
        "SSL_CERT_FILE": "/etc/certificates.pem",
        "http_proxy": "http://proxy.example:3128",
    }
    assert settings.items() <= hand_down(**settings).items()


def test_nothing_else_is_handed_down(hand_down: HandDown) -> None:
    without = hand_down()
    given = hand_down(AWS_PROFILE="own", AWS_CA_BUNDLE="/own.pem", HTTPS_PROXY="http://own:1")
    assert given == without


def test_what_is_empty_is_not_handed_down(hand_down: HandDown) -> None:
    assert "PIP_INDEX_URL" not in hand_down(PIP_INDEX_URL="")


def test_packages_come_from_the_owners_cache(hand_down: HandDown) -> None:
    assert hand_down()["UV_CACHE_DIR"] == str(hand_down.home / ".cache" / "uv")
    assert hand_down(XDG_CACHE_HOME="/cache")["UV_CACHE_DIR"] == "/cache/uv"


def test_the_owners_own_configuration_of_pip_is_named(hand_down: HandDown) -> None:
    assert "PIP_CONFIG_FILE" not in hand_down()
    path = hand_down.home / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True)
    path.touch()
    assert hand_down()["PIP_CONFIG_FILE"] == str(path)
    assert hand_down(PIP_CONFIG_FILE="/other.conf")["PIP_CONFIG_FILE"] == "/other.conf"
