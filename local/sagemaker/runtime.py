"""SageMaker's data plane: InvokeEndpoint, passed on to the endpoint's container."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from urllib.parse import unquote

from contract import log_groups
from contract.regions import partition
from local.ministack import adapter
from local.ministack.adapter import Caller, Headers, Query, Reply
from local.sagemaker import service
from local.sagemaker.core import access
from local.sagemaker.core.errors import ServiceError, unknown_operation
from local.sagemaker.core.region import Region
from local.sagemaker.resources.endpoints import Endpoint
from local.sagemaker.resources.hosting import Fleet

PATH = re.compile(r"/endpoints/([^/]+)/([^/]+)")
OPERATIONS = {
    "invocations": "InvokeEndpoint",
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}
HEADER = "x-amzn-sagemaker-"
# Headers that are for endpoints of other kinds only.
UNSUPPORTED = (
    "target-model",
    "target-container-hostname",
    "inference-component",
    "session-id",
)
FORWARDED = ("content-type", "accept", f"{HEADER}custom-attributes")
MAX_PAYLOAD = 25 * 1024 * 1024  # bytes
log = logging.getLogger("sagemaker")


def claims(path: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request is for the data plane."""
    return PATH.fullmatch(path) is not None and "/sagemaker/" in headers.get("authorization", "")


async def handle(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Reply:
    """Answer an InvokeEndpoint request."""
    del method
    caller = adapter.request_caller(headers, query)
    match = PATH.fullmatch(path)
    name, operation = (unquote(part) for part in match.groups()) if match else ("", path)
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
    fleet = _authorised_fleet(region, caller, name)
    _check_request(name, headers, body)
    chosen = fleet.choose(headers.get(f"{HEADER}target-variant"))
    if chosen is None:
        raise ServiceError("ValidationError", f"Variant not found in endpoint {name}.")
    variant, server = chosen
    forwarded = {header: headers[header] for header in FORWARDED if header in headers}
    try:
        status, answered, content = server.send("POST", "/invocations", body, forwarded)
    except OSError:
        status, answered, content = 500, {}, b"Your invocation timed out or got no response."
    if status >= 400:
        return _model_error(region, name, status, content)
    return status, _response_headers(answered, variant), content


def _authorised_fleet(region: Region, caller: Caller, name: str) -> Fleet:
    """Return the servers of an endpoint that the caller may invoke."""
    arn = region.arn(Endpoint.kind, name)
    with region.lock:
        tags = access.resource_tags(region.tags.get(arn, {}))
        endpoint = region.get(Endpoint, name)
        # Unlike in the control plane, the case of the name counts.
        is_named = endpoint is not None and endpoint.description["EndpointName"] == name
        fleet = endpoint.fleet if endpoint is not None and is_named else None
    access.authorise(caller, "sagemaker:InvokeEndpoint", arn, tags)
    if fleet is None:
        raise ServiceError(
            "ValidationError", f"Endpoint {name} of account {region.account} not found."
        )
    return fleet


def _check_request(name: str, headers: Mapping[str, str], body: bytes) -> None:
    if len(body) > MAX_PAYLOAD:
        raise ServiceError("ValidationError", f"The payload exceeds {MAX_PAYLOAD} bytes.", 413)
    for header in UNSUPPORTED:
        if f"{HEADER}{header}" in headers:
            raise ServiceError(
                "ValidationError", f"Endpoint {name} serves one model: {header} cannot be given."
            )


def _response_headers(answered: Mapping[str, str], variant: str) -> dict[str, str]:
    headers = {"x-Amzn-Invoked-Production-Variant": variant}
    if "content-type" in answered:
        headers["Content-Type"] = answered["content-type"]
    custom = answered.get(f"{HEADER}custom-attributes")
    return headers | ({"X-Amzn-SageMaker-Custom-Attributes": custom} if custom else {})


def _model_error(region: Region, name: str, status: int, content: bytes) -> Reply:
    message = content.decode(errors="replace")
    side = "client" if status < 500 else "server"
    group = log_groups.endpoint(name)
    logs = f"arn:{partition(region.name).name}:logs:{region.name}:{region.account}"
    return _error(
        "ModelError",
        424,
        {
            "Message": f'Received {side} error ({status}) from primary with message "{message}". '
            f"See https://{region.name}.console.aws.amazon.com/cloudwatch/home?region={region.name}"
            f"#logEventViewer:group={group} in account {region.account} for more information.",
            "OriginalStatusCode": status,
            "OriginalMessage": message,
            "LogStreamArn": f"{logs}:log-group:{group}",
        },
    )


def _error(code: str, status: int, document: Mapping[str, str | int]) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return status, headers, json.dumps(document).encode()
