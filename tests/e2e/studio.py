"""Waiting for what Studio makes and deletes in the background."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

SECONDS = 60.0
POLL_SECONDS = 0.05


def await_status(describe: Callable[..., Any], status: str, **names: str) -> dict[str, Any]:
    """Return the description of a Studio resource once it is in a status."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        described: dict[str, Any] = describe(**names)
        if described["Status"] == status:
            return described
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"{names}: {described['Status']}: {described.get('FailureReason')}")


def await_gone(describe: Callable[..., Any], **names: str) -> None:
    """Return once a Studio resource does not exist any more."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            describe(**names)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
            return
        time.sleep(POLL_SECONDS)
    raise TimeoutError(str(names))
