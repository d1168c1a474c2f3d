"""Where the account is and how fast it goes, as the server's environment says."""

import os
import socket
import sys
from pathlib import Path

GROUPS = "process-groups"
REPOSITORY = Path(__file__).resolve().parents[3]


def endpoint_url() -> str:
    """The account's own endpoint."""
    return f"https://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def is_serving() -> bool:
    """Whether the account takes requests by now."""
    try:
        socket.create_connection(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), 1).close()
    except OSError:
        return False
    return True


def folder() -> Path:
    """The account's own folder, removed with the account."""
    return Path(os.environ["TMPDIR"])


def certificate() -> Path:
    """The certificate (PEM) that the account presents."""
    return folder() / "ministack-tls" / "server.crt"


def note_group(group: int) -> None:
    """Note a process group that has to end with the account."""
    noted = folder() / GROUPS
    noted.mkdir(exist_ok=True)
    (noted / str(group)).touch()


def forget_group(group: int) -> None:
    """A process group that has ended."""
    (folder() / GROUPS / str(group)).unlink(missing_ok=True)


def state_delay() -> float:
    """Seconds that each state of a resource lasts at least."""
    return float(os.environ.get("FACTORSTACK_STATE_DELAY", "0.1"))


def container_command(*arguments: str) -> list[str]:
    """The command that runs the FM container."""
    return [sys.executable, "-m", "local.fm_container", *arguments]


def container_environment(**extra: str) -> dict[str, str]:
    """The environment of a container: nothing of the account's own but the path."""
    names = ("PATH", "LANG", "HOME", "TMPDIR", "XDG_CACHE_HOME")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1"} | extra
