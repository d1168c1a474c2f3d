"""What the owner of a local account and its server agree on: its folder and its settings."""

from pathlib import Path
from typing import Literal

STATE_DELAY_VARIABLE = "FACTORSTACK_STATE_DELAY"
HOMES_VARIABLE = "FACTORSTACK_HOMES"  # the folder of the home folders of Studio's spaces
DEFAULT_STATE_DELAY = 0.1  # seconds that each state of a SageMaker resource lasts at least

QUOTAS_VARIABLE = "FACTORSTACK_QUOTAS"
Quotas = Literal["fresh", "old"]  # whose quotas an account has
FRESH_CONCURRENCY = 10  # executions of Lambda functions at once in a new account


def certificate(folder: Path) -> Path:
    """Return the certificate (PEM) that the account with this folder presents."""
    return folder / "ministack-tls" / "server.crt"


def process_groups(folder: Path) -> Path:
    """Return the folder with an empty file for each process group to end with the account.

    The server's own group is not among them.
    """
    return folder / "process-groups"


def app_environment(folder: Path, domain_id: str, space: str) -> Path:
    """Return the file (JSON, by name) with the environment of the app that a space runs."""
    return folder / "apps" / domain_id / f"{space}.json"


def proxy_port(folder: Path) -> Path:
    """Return the file with the port of the account's proxy."""
    return folder / "proxy-port"


def proxy_url(folder: Path) -> str:
    """Return the address of the account's proxy, for HTTPS_PROXY."""
    return f"http://127.0.0.1:{proxy_port(folder).read_text()}"
