"""The custom resource's side of a clean-up: polled by CDK's provider framework until it is done."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

logger = logging.getLogger(__name__)
logging.getLogger().setLevel(logging.INFO)

Event = Mapping[str, Any]
Properties = Mapping[str, Any]

# The framework gives up after one hour and cannot say why: give up before it, with the names.
PATIENCE_SECONDS = 55 * 60


class StillThereError(TimeoutError):
    """Something outlived the patience of a clean-up; the message names it."""


def accept(event: Event, physical_id: str) -> dict[str, Any]:
    """Answer `on_event`: the physical id, and by when `is_complete` must have succeeded."""
    logger.info("%s of %s", event["RequestType"], physical_id)
    return {"PhysicalResourceId": physical_id, "Deadline": time.time() + PATIENCE_SECONDS}


def progress(event: Event, clean: Callable[[Properties], tuple[str, ...]]) -> dict[str, bool]:
    """Answer `is_complete`: on Delete, clean up a step further and report whether all is gone.

    Raises:
        StillThereError: something was still there at the deadline; a second delete resumes.
    """
    if event["RequestType"] != "Delete":
        return {"IsComplete": True}
    remaining = clean(event["ResourceProperties"])
    if remaining and time.time() > event["Deadline"]:
        raise StillThereError(
            f"still there after {PATIENCE_SECONDS // 60} minutes: {', '.join(remaining)}; "
            "delete it by hand, or wait for it to end, and run the destroy again"
        )
    logger.info("still there: %s", json.dumps(remaining))
    return {"IsComplete": not remaining}
