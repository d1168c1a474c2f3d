"""SageMaker's data plane: InvokeEndpoint, passed on to the endpoint's container."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from contract import log_groups
from local.ministack import adapter
from local.ministack.adapter import Caller, Reply
from local.sagemaker import service
from local.sagemaker.core import access
from local.sagemaker.core.errors import ServiceError, unknown_operation
from local.sagemaker.core.region import Region
from local.sagemaker.resources.endpoints import KIND

PATH = re.compile(r"/endpoints/([^/]+)/([^/]+)")
OPERATIONS = {
    "invocations": "InvokeEndpoint",
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}
# What these name exists on endpoints of other kinds only.
ELSEWHERE = ("target-model", "target-container-hostname", "inference-component", "session-id")
MAX_PAYLOAD = 25 * 1024 * 1024
log = logging.getLogger("sagemaker")


def claims(path: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is for the data plane."""
    return PATH.fullmatch(path) is not None and "/sagemaker/" in headers.get("authorization", "")


async def handle(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Reply:
    """Answer an InvokeEndpoint request."""
    del method
    caller = adapter.request_caller(headers, query)
    found = PATH.fullmatch(path)
    name, operation = (unquote(part) for part in found.groups()) if found else ("", path)
    return await asyncio.to_thread(_answer, caller, name, operation, headers, body)


def _answer(caller: Caller, name: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
    try:
        if path != "invocations":
            raise unknown_operation(OPERATIONS.get(path, path))
        return _invoke(caller, name, headers, body)
    except ServiceError as error:
        log.info("InvokeEndpoint %s: %s: %s", name, error.code, error.message)
        return _error(error.code, error.status, {"Message": error.message})
    except Exception:
        log.exception("InvokeEndpoint %s", name)
        return _error("InternalFailure", 500, {"Message": "internal failure"})


def _invoke(caller: Caller, name: str, headers: Mapping[str, str], body: bytes) -> Reply:
    region = service.region_of(caller.account, caller.region)
    arn = region.arn(KIND, name)
    with region.lock:
        tags = access.resource_tags(region.tags.get(arn, {}))
        record = region.get(KIND, name)
        if record and record["EndpointName"] != name:  # here, unlike elsewhere, case counts
            record = None
        fleet = record["_fleet"] if record else None
    access.authorise(caller, "sagemaker:InvokeEndpoint", arn, tags)
    if record is None or fleet is None:
        raise ServiceError(
            "ValidationError", f"Endpoint {name} of account {region.account} not found."
        )
    if len(body) > MAX_PAYLOAD:
        raise ServiceError("ValidationError", f"The payload exceeds {MAX_PAYLOAD} bytes.", 413)
    for header in ELSEWHERE:
        if f"x-amzn-sagemaker-{header}" in headers:
            raise ServiceError(
                "ValidationError", f"Endpoint {name} serves one model: {header} cannot be given."
            )
    chosen = fleet.choose(headers.get("x-amzn-sagemaker-target-variant"))
    if chosen is None:
        raise ServiceError("ValidationError", f"Variant not found in endpoint {name}.")
    variant, server = chosen
    try:
        status, answered, content = server.send("POST", "/invocations", body, _passed_on(headers))
    except OSError:
        status, answered, content = 500, {}, b"Your invocation timed out or got no response."
    if status >= 400:
        return _model_error(region, name, status, content)
    return status, _given_back(answered, variant), content


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    kept = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes")
    return {name: headers[name] for name in kept if name in headers}


def _given_back(answered: Mapping[str, str], variant: str) -> dict[str, str]:
    headers = {"x-Amzn-Invoked-Production-Variant": variant}
    if "content-type" in answered:
        headers["Content-Type"] = answered["content-type"]
    custom = answered.get("x-amzn-sagemaker-custom-attributes")
    return headers | ({"X-Amzn-SageMaker-Custom-Attributes": custom} if custom else {})


def _model_error(region: Region, name: str, status: int, content: bytes) -> Reply:
    message = content.decode(errors="replace")
    side = "client" if status < 500 else "server"
    group = log_groups.endpoint(name)
    return _error(
        "ModelError",
        424,
        {
            "Message": f'Received {side} error ({status}) from primary with message "{message}". '
            f"See https://{region.name}.console.aws.amazon.com/cloudwatch/home?region={region.name}"
            f"#logEventViewer:group={group} in account {region.account} for more information.",
            "OriginalStatusCode": status,
            "OriginalMessage": message,
            "LogStreamArn": f"arn:aws:logs:{region.name}:{region.account}:log-group:{group}",
        },
    )


def _error(code: str, status: int, document: Mapping[str, Any]) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return status, headers, json.dumps(document).encode()
