"""SageMaker's control plane: finds the operation, checks the request, authorises, answers."""

import asyncio
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any

from local.ministack import adapter
from local.ministack.adapter import Caller, Reply
from local.sagemaker.core import access, tagging, wire
from local.sagemaker.core.errors import ServiceError, unknown_operation
from local.sagemaker.core.operation import Call, Operation, Request
from local.sagemaker.core.region import Region
from local.sagemaker.operation_table import OPERATIONS

TARGET = "SageMaker."
log = logging.getLogger("sagemaker")

_regions: dict[tuple[str, str], Region] = {}
_lock = threading.Lock()


def region_of(account: str, name: str) -> Region:
    """SageMaker's state in an account and region."""
    with _lock:
        return _regions.setdefault((account, name), Region(account, name))


def regions() -> list[Region]:
    """Every account and region that was used."""
    with _lock:
        return list(_regions.values())


def call(
    caller: Caller, operation: str, request: Request, *, reserved_tags: bool = False
) -> dict[str, Any]:
    """Run an operation for a caller and give its response as JSON.

    Args:
        reserved_tags: whether the request may name tags of AWS's own, as CloudFormation does.

    Raises:
        ServiceError: what the service answers instead.
    """
    known = OPERATIONS.get(operation)
    if known is None:
        raise unknown_operation(operation)
    checked = wire.check(operation, request)
    if not reserved_tags:
        tagging.refuse_reserved(checked)
    tagging.added(checked, {})
    region = region_of(caller.account, caller.region)
    _authorise(region, caller, operation, known, checked)
    response = known.run(Call(region, caller, checked))
    with region.lock:
        return wire.render(operation, response)


def _authorise(
    region: Region, caller: Caller, name: str, operation: Operation, request: Request
) -> None:
    resource = operation.resource(region, request)
    with region.lock:
        context = access.resource_tags(region.tags.get(resource, {}))
    tags = request.get("Tags", [])
    context |= access.request_tags(tags) | access.instance_types(request)
    access.authorise(caller, f"sagemaker:{name}", resource, context)
    if tags and name.startswith("Create"):
        access.authorise(caller, "sagemaker:AddTags", resource, context)
    access.authorise_passing(caller, operation.roles(request))


def claims(path: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is for the control plane."""
    del path
    return headers.get("x-amz-target", "").startswith(TARGET)


async def handle(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Reply:
    """Answer an HTTP request to the control plane."""
    caller = adapter.request_caller(headers, query)
    # Other APIs that sign as "sagemaker" (feature store, metrics) have no target: a path instead.
    operation = headers.get("x-amz-target", f"{method} {path}").removeprefix(TARGET)
    return await asyncio.to_thread(_answer, caller, operation, body)


def _answer(caller: Caller, operation: str, body: bytes) -> Reply:
    try:
        return _reply(200, call(caller, operation, _parse(body)))
    except ServiceError as error:
        log.info("%s: %s: %s", operation, error.code, error.message)
        return _reply(error.status, {"__type": error.code, "message": error.message})
    except Exception:
        log.exception("%s failed", operation)
        return _reply(500, {"__type": "InternalFailure", "message": "internal failure"})


def _parse(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise ServiceError("SerializationException", "the request is not JSON") from None
    if not isinstance(request, dict):
        raise ServiceError("SerializationException", "the request is not a JSON object")
    return request


def _reply(status: int, document: Mapping[str, Any]) -> Reply:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()
