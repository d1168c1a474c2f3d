"""Requests and responses of a function URL; no AWS.

Payload format 2.0: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import json
from collections.abc import Mapping
from typing import NotRequired, TypedDict

from pydantic import ValidationError

from contract import validation
from tasks.recommending.question import InvalidQuestionError, Question
from tasks.run.payloads import UncheckedJson

_METHODS = ("GET", "POST")
_LISTS = {"exclude", "history", "recent"}  # what a query string gives as comma-separated values


class Http(TypedDict):
    """The HTTP request line."""

    method: str


class RequestContext(TypedDict):
    """What Lambda adds to a request."""

    http: Http


class Request(TypedDict):
    """The event of a function URL, as far as it is read."""

    requestContext: RequestContext
    queryStringParameters: NotRequired[dict[str, str]]
    body: NotRequired[str]
    isBase64Encoded: NotRequired[bool]


class Response(TypedDict):
    """The result of a function URL."""

    statusCode: int
    headers: dict[str, str]
    body: str


class MethodNotAllowedError(Exception):
    """The request is neither GET nor POST."""


def parse(request: Request) -> Question:
    """Return the question that the request asks.

    Raises:
        MethodNotAllowedError: the request is neither GET nor POST.
        InvalidQuestionError: the question is not valid; the message names each key and the reason.
    """
    method = request["requestContext"]["http"]["method"]
    if method not in _METHODS:
        raise MethodNotAllowedError(f"{method} is not allowed: use {' or '.join(_METHODS)}")
    document = _body(request) if method == "POST" else _query(request)
    try:
        return Question.model_validate(document)
    except ValidationError as error:
        raise InvalidQuestionError("; ".join(map(_describe, error.errors()))) from error


def response(status: int, document: Mapping[str, object]) -> Response:
    """Return `document` as a JSON response that nobody caches."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(document),
    }


def _query(request: Request) -> dict[str, str | list[str]]:
    parameters = request.get("queryStringParameters") or {}
    return {key: _ids(value) if key in _LISTS else value for key, value in parameters.items()}


def _ids(value: str) -> list[str]:
    return value.split(",") if value else []


def _body(request: Request) -> UncheckedJson:
    text = request.get("body") or ""
    try:
        raw = base64.b64decode(text) if request.get("isBase64Encoded") else text
        document: UncheckedJson = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidQuestionError(f"the body is not JSON: {error}") from error
    return document


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _describe(problem: validation.Problem) -> str:
    key = validation.location(problem, "request")
    if problem["type"] == "model_type":
        return "the request is not a JSON object with a user"
    if problem["type"] == "extra_forbidden":
        return f"{key}: no such key; there are {', '.join(Question.model_fields)}"
    return validation.describe(problem, whole="request")
