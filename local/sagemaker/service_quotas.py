"""Service Quotas in the local account: the quotas of SageMaker, as they are enforced here."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping

from contract.regions import partition
from local.ministack import adapter
from local.ministack.adapter import Caller, Headers, Query, Reply
from local.sagemaker.core import access, quotas, wire
from local.sagemaker.core.api import Request, Response, Structure
from local.sagemaker.core.errors import ServiceError, unknown_operation

TARGET = "ServiceQuotasV20190624."
SERVICE_CODE = "sagemaker"
PAGE = 100  # the most that a page may hold
# Where SageMaker's model names the instance types of a use: operation, then members.
INSTANCE_USES = {
    "training job usage": "CreateTrainingJob ResourceConfig InstanceType",
    "spot training job usage": "CreateTrainingJob ResourceConfig InstanceType",
    "transform job usage": "CreateTransformJob TransformResources InstanceType",
    quotas.ENDPOINT_USE: "CreateEndpointConfig ProductionVariants InstanceType",
}
APP_TYPES = ("JupyterLab", "CodeEditor")
APP_INSTANCES = "CreateApp ResourceSpec InstanceType"


def names() -> Iterator[str]:
    """Yield the names of all quotas."""
    yield from (quotas.DOMAINS, quotas.SERVERLESS)
    for use, where in INSTANCE_USES.items():
        for instance_type in _enum(where):
            yield quotas.instance_quota(instance_type, use)
    for app_type in APP_TYPES:
        for instance_type in _enum(APP_INSTANCES):
            if instance_type != "system":
                yield quotas.app_quota(app_type, instance_type)


def list_quotas(caller: Caller, request: Request) -> Response:
    """Answer ListServiceQuotas, or ListAWSDefaultServiceQuotas, which says the same here.

    Raises:
        ServiceError: the service is not SageMaker, or the token is not one of a page.
    """
    if request.get("ServiceCode") != SERVICE_CODE:
        raise ServiceError("NoSuchResourceException", "The request failed because the specified "
                           "service does not exist.")  # fmt: skip
    start, size = request.get("NextToken", "0"), int(request.get("MaxResults", PAGE))
    if not start.isdecimal():
        raise ServiceError("InvalidPaginationTokenException", "Invalid NextToken.")
    every = list(names())
    first, last = int(start), int(start) + min(size, PAGE)
    token = {"NextToken": str(last)} if last < len(every) else {}
    return {"Quotas": [_described(caller, name) for name in every[first:last]], **token}


OPERATIONS = {"ListServiceQuotas": list_quotas, "ListAWSDefaultServiceQuotas": list_quotas}


def claims(path: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request is for Service Quotas."""
    del path
    return headers.get("x-amz-target", "").startswith(TARGET)


async def handle(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Reply:
    """Answer an HTTP request."""
    del method, path
    caller = adapter.request_caller(headers, query)
    operation = headers["x-amz-target"].removeprefix(TARGET)
    return await asyncio.to_thread(_answer, caller, operation, body)


def _answer(caller: Caller, operation: str, body: bytes) -> Reply:
    try:
        if operation not in OPERATIONS:
            raise unknown_operation(operation)
        access.authorise(caller, f"servicequotas:{operation}", "*", {})
        return _reply(200, OPERATIONS[operation](caller, json.loads(body)))
    except ServiceError as error:
        return _reply(error.status, {"__type": error.code, "message": error.message})


def _described(caller: Caller, name: str) -> Structure:
    code = f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"
    service = f"arn:{partition(caller.region).name}:servicequotas:{caller.region}:{caller.account}"
    return {
        "ServiceCode": SERVICE_CODE,
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": f"{service}:{SERVICE_CODE}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(quotas.limit(name)),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _enum(where: str) -> list[str]:
    operation, *members = where.split()
    shape = wire.operations()[operation].input_shape
    for member in members:
        shape = getattr(shape, "member", shape).members[member]
    values: list[str] = shape.metadata["enum"]
    return values


def _reply(status: int, document: Response) -> Reply:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()
