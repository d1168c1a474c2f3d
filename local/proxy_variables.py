"""Proxy settings as environment variables: the caller's, the server's and those of clients."""

import os
import urllib.request
from pathlib import Path

from local import layout

# By the kinds of `urllib.request.getproxies`: no AWS client in the server may find the caller's
# settings under their usual names.
_HANDED_DOWN = {"https": "FACTORSTACK_HTTPS_PROXY", "no": "FACTORSTACK_NO_PROXY"}


def exempting_the_account() -> dict[str, str]:
    """Return the variables that exempt 127.0.0.1 from the caller's proxy, if there is one."""
    if not urllib.request.getproxies_environment():
        return {}
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    hosts = f"{exempt},127.0.0.1" if exempt else "127.0.0.1"
    return {"NO_PROXY": hosts, "no_proxy": hosts}


def handing_down() -> dict[str, str]:
    """Return the variables that tell the server of the caller's proxy, if there is one."""
    proxies = urllib.request.getproxies_environment()
    if "https" not in proxies:
        return {}
    proxies["no"] = exempting_the_account()["NO_PROXY"]
    return {name: proxies[kind] for kind, name in _HANDED_DOWN.items()}


def handed_down() -> dict[str, str]:
    """Return, in the server, the caller's proxy (`https`, a URL) and what it exempts (`no`)."""
    return {kind: os.environ[name] for kind, name in _HANDED_DOWN.items() if name in os.environ}


def for_clients(folder: Path) -> dict[str, str]:
    """Return the variables that lead clients to the account which insist on AWS's own hosts.

    What the caller's own NO_PROXY exempts may be AWS's: only the account's proxy goes by it.
    """
    url, exempt = layout.proxy_url(folder), "127.0.0.1,localhost"
    return {"HTTPS_PROXY": url, "https_proxy": url, "NO_PROXY": exempt, "no_proxy": exempt}
