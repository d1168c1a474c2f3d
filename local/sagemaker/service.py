"""SageMaker's control plane: looks up the operation, checks the request, authorises, answers."""

import asyncio
import json
import logging
import threading
from collections.abc import Mapping

from local.ministack import adapter
from local.ministack.adapter import Caller, Headers, Query, Reply
from local.sagemaker.core import access, tagging, wire
from local.sagemaker.core.api import Request, Response
from local.sagemaker.core.errors import ServiceError, unknown_operation
from local.sagemaker.core.operation import Call, Operation
from local.sagemaker.core.region import Region
from local.sagemaker.operation_table import OPERATIONS

TARGET = "SageMaker."
log = logging.getLogger("sagemaker")

_regions: dict[tuple[str, str], Region] = {}
_lock = threading.Lock()


def region_of(account: str, name: str) -> Region:
    """Return SageMaker's state in an account and region."""
    with _lock:
        return _regions.setdefault((account, name), Region(account, name))


def regions() -> list[Region]:
    """Return the state of every account and region that was used."""
    with _lock:
        return list(_regions.values())


def call(caller: Caller, name: str, request: Request, *, reserved_tags: bool = False) -> Response:
    """Run an operation for a caller.

    Args:
        caller: on whose behalf it runs.
        name: of the operation, `CreateModel`.
        request: the request as JSON, not checked yet.
        reserved_tags: whether the request may set tags reserved for AWS, as CloudFormation may.

    Returns:
        The response as JSON.

    Raises:
        ServiceError: what the service answers instead.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise unknown_operation(name)
    checked = wire.check(name, request)
    if not reserved_tags:
        tagging.refuse_reserved(checked)
    tagging.merged(checked, {})
    region = region_of(caller.account, caller.region)
    _authorise(region, caller, name, operation, checked)
    response = operation.run(Call(region, caller, checked))
    with region.lock:
        return wire.render(name, response)


def _authorise(
    region: Region, caller: Caller, name: str, operation: Operation, request: Request
) -> None:
    arn = operation.arn(region, request)
    with region.lock:
        context = access.resource_tags(region.tags.get(arn, {}))
    tags = request.get("Tags", [])
    context |= access.request_tags(tags) | access.instance_types(request)
    access.authorise(caller, f"sagemaker:{name}", arn, context)
    if tags and name.startswith("Create"):
        access.authorise(caller, "sagemaker:AddTags", arn, context)
    access.authorise_passing(caller, operation.roles(request))


def claims(path: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request is for the control plane."""
    del path
    return headers.get("x-amz-target", "").startswith(TARGET)


async def handle(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Reply:
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


def _parse(body: bytes) -> Request:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise ServiceError("SerializationException", "the request is not JSON") from None
    if not isinstance(request, dict):
        raise ServiceError("SerializationException", "the request is not a JSON object")
    return request


def _reply(status: int, document: Response) -> Reply:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()
