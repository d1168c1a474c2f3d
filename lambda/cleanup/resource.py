"""What every clean-up resource answers to CDK's provider framework, which polls it."""

import json
import logging
import time
from collections.abc import Callable
from typing import Generic, Literal, NotRequired, TypedDict, TypeVar

logger = logging.getLogger(__name__)
logging.getLogger().setLevel(logging.INFO)

# The framework gives up after one hour and cannot say why: give up before it, with the names.
PATIENCE_SECONDS = 55 * 60

Properties = TypeVar("Properties")


class Event(TypedDict, Generic[Properties]):
    """A request of CDK's provider framework.

    Attributes:
        RequestType: What CloudFormation does with the resource.
        ResourceProperties: What the stack set.
        Deadline: For `is_complete`, the answer of `on_event` (Unix time).
    """

    RequestType: Literal["Create", "Update", "Delete"]
    ResourceProperties: Properties
    Deadline: NotRequired[float]


class Accepted(TypedDict):
    """The answer of `on_event`.

    Attributes:
        PhysicalResourceId: The resource's id.
        Deadline: When `is_complete` gives up (Unix time).
    """

    PhysicalResourceId: str
    Deadline: float


class Progress(TypedDict):
    """The answer of `is_complete`; the framework asks again until it is true."""

    IsComplete: bool


class StillThereError(TimeoutError):
    """Something outlived the patience of a clean-up; the message names it."""


def accept(event: Event[Properties], physical_id: str) -> Accepted:
    """Return the answer of `on_event`: the id, and by when `is_complete` must have succeeded."""
    logger.info("%s of %s", event["RequestType"], physical_id)
    return {"PhysicalResourceId": physical_id, "Deadline": time.time() + PATIENCE_SECONDS}


def progress(event: Event[Properties], clean: Callable[[Properties], tuple[str, ...]]) -> Progress:
    """Return the answer of `is_complete`: on Delete, clean up one step further.

    Args:
        event: The framework's request.
        clean: Does what it can now, and returns the names of what is still there.

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
