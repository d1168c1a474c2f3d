"""The only module here that calls AWS: reads all pages, and tolerates what is gone."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cleanup.deletion_plan import Call, Plan

logger = logging.getLogger(__name__)

# What boto3, which is untyped, returns of one operation; callers name the fields that they read.
Answer = Mapping[str, Any]

# Throttling during an hour of polling must not fail a destroy.
_CONFIG = Config(retries={"mode": "adaptive", "max_attempts": 10})

# Of the five minutes that a function has: what follows is one call more, if throttled, or one look.
BUSY_SECONDS = 120.0

# What each service answers when the thing that is to go has already gone.
GONE = frozenset(
    {
        "ResourceNotFound",
        "ResourceNotFoundException",
        "FileSystemNotFound",
        "MountTargetNotFound",
        "InvalidGroup.NotFound",
        "InvalidGroupId.NotFound",
        "InvalidSecurityGroupRuleId.NotFound",
        "ExecutionDoesNotExist",
        "StateMachineDoesNotExist",
        "ParameterNotFound",
    }
)
# What each service answers while something else still holds it: the next look tries again.
HELD = frozenset(
    {
        "ResourceInUse",
        "DependencyViolation",
        "FileSystemInUse",
        "IncorrectFileSystemLifeCycleState",
        "DependencyTimeout",
        "OperationAbortedException",
    }
)
# Answers with a general code, of which only the message says that the thing has ended or gone.
_GONE_MESSAGES = (
    "has already been deleted",
    "previously failed and was automatically deleted",
    "The request was rejected because the training job is in status",
    "Requested resource not found",
    "does not exist",
    "Could not find",
)


@cache
def client(service: str) -> Any:
    """Return the (untyped) boto3 client of `service`, one for the life of the function."""
    return boto3.client(service, config=_CONFIG)


def is_gone(error: ClientError) -> bool:
    """Return whether `error` says that the resource of the call is no longer there."""
    problem = error.response["Error"]
    general = problem["Code"] in {"ValidationException", "ValidationError"}
    return problem["Code"] in GONE or (
        general and any(message in problem["Message"] for message in _GONE_MESSAGES)
    )


def describe(service: str, operation: str, **parameters: object) -> Answer | None:
    """Return the answer of `operation`, or None when what it describes is not there.

    Raises:
        ClientError: any other refusal, such as a permission that is missing.
    """
    try:
        answer: Answer = getattr(client(service), operation)(**parameters)
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return answer


def list_all(service: str, operation: str, key: str, **parameters: object) -> list[Any]:
    """Return every item under `key` on all pages of `operation`; none if its owner is gone.

    The items are as boto3 returns them: one of the types of `cleanup.descriptions`, unchecked.

    Raises:
        ClientError: any other refusal, such as a permission that is missing.
    """
    try:
        pages = client(service).get_paginator(operation).paginate(**parameters)
        return [item for page in pages for item in page.get(key, [])]
    except ClientError as error:
        if is_gone(error):
            return []
        raise


def offers(service: str, operation: str) -> bool:
    """Return whether boto3 knows `operation`: that of Lambda's runtime may be old."""
    known = hasattr(client(service), operation)
    if not known:
        logger.warning("boto3 %s has no %s.%s: left out", boto3.__version__, service, operation)
    return known


def perform(calls: Iterable[Call], *, until: float) -> None:
    """Make the calls; what is already gone is done, what is still held is left for later.

    Args:
        calls: What to do, in this order.
        until: When to leave the rest for later (seconds of the monotonic clock).

    Raises:
        ClientError: any other refusal, such as a permission that is missing.
    """
    for call in calls:
        if time.monotonic() >= until:
            return
        logger.info("%s", call)
        try:
            getattr(client(call.service), call.operation)(**call.parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in HELD:
                logger.info("still held: %s", error)
            elif not is_gone(error):
                raise


def settle(look: Callable[[], Plan]) -> tuple[str, ...]:
    """Look and act until there is nothing new to do, for at most `BUSY_SECONDS`.

    Args:
        look: Returns the plan for what is there now.

    Returns:
        The names of what is still in the way.
    """
    until = time.monotonic() + BUSY_SECONDS
    previous: tuple[Call, ...] = ()
    while True:
        plan = look()
        if not plan.calls or plan.calls == previous or time.monotonic() >= until:
            return plan.remaining
        perform(plan.calls, until=until)
        previous = plan.calls
