"""How this machine reaches package indexes, handed from the account's owner to its apps.

The account's server itself runs without these variables: they must not lead its clients astray.
"""

import os
from collections.abc import Mapping
from pathlib import Path

PREFIX = "FACTORSTACK_OUTSIDE_"
_NAMES = (
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("HTTP_PROXY", "http_proxy"),  # that for https is the account's own, which uses the owner's
    "XDG_CACHE_HOME",
)
_PREFIXES = ("PIP_", "UV_")
_CONFIGURATIONS = {"PIP_CONFIG_FILE": "pip/pip.conf", "UV_CONFIG_FILE": "uv/uv.toml"}


def handing_down(owner: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which the server learns of the settings of the account's owner.

    Args:
        owner: the environment of the owner. What is found by its HOME is named: apps have another.
    """
    home = Path(owner.get("HOME") or Path.home())
    cache = Path(owner.get("XDG_CACHE_HOME") or home / ".cache")
    found = {"XDG_CACHE_HOME": str(cache), "UV_CACHE_DIR": str(cache / "uv")}
    configurations = Path(owner.get("XDG_CONFIG_HOME") or home / ".config")
    for name, path in _CONFIGURATIONS.items():
        if (configurations / path).is_file():
            found[name] = str(configurations / path)
    given = {
        name: value
        for name, value in owner.items()
        if value and (name in _NAMES or name.startswith(_PREFIXES))
    }
    return {PREFIX + name: value for name, value in {**found, **given}.items()}


def handed_down() -> dict[str, str]:
    """Return, in the server, the settings that `handing_down` named."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in os.environ.items()
        if name.startswith(PREFIX)
    }
