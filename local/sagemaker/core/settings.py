"""Where the account is and how fast it goes, read from the environment of its server."""

import os
import socket
import sys
from pathlib import Path

from local import layout

REPOSITORY = Path(__file__).resolve().parents[3]


def endpoint_url() -> str:
    """Return the endpoint of the account."""
    return f"https://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def is_serving() -> bool:
    """Tell whether the account takes requests yet."""
    try:
        socket.create_connection(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), 1).close()
    except OSError:
        return False
    return True


def folder() -> Path:
    """Return the account's folder, removed with the account."""
    return Path(os.environ["TMPDIR"])


def certificate() -> Path:
    """Return the certificate (PEM) that the account presents."""
    return layout.certificate(folder())


def process_groups() -> Path:
    """Return the folder in which the process groups are noted that end with the account."""
    return layout.process_groups(folder())


def homes() -> Path:
    """Return the folder of the home folders of Studio's spaces."""
    return Path(os.environ[layout.HOMES_VARIABLE])


def app_environment(domain_id: str, space: str) -> Path:
    """Return the file with the environment of a space's app, while there is one."""
    return layout.app_environment(folder(), domain_id, space)


def state_delay() -> float:
    """Return how many seconds each state of a resource lasts at least."""
    return float(os.environ.get(layout.STATE_DELAY_VARIABLE, layout.DEFAULT_STATE_DELAY))


def quotas() -> layout.Quotas:
    """Return whose quotas the account has."""
    return "fresh" if os.environ.get(layout.QUOTAS_VARIABLE) == "fresh" else "old"


def container_command(*arguments: str) -> list[str]:
    """Return the command that runs the FM container."""
    return [sys.executable, "-m", "local.fm_container", *arguments]


def container_environment(**extra: str) -> dict[str, str]:
    """Return the environment of a container: the machine's paths, and `extra`."""
    names = ("PATH", "LANG", "HOME", "TMPDIR", "XDG_CACHE_HOME")
    inherited = {name: os.environ[name] for name in names if name in os.environ}
    return inherited | {"PYTHONUNBUFFERED": "1"} | extra
