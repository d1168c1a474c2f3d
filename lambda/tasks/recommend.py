"""Recommend: answers over its function URL which items the live model would show a user."""

import base64
import json
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from contract import validation
from tasks.recommending.live import LiveRecommender, NoLiveModelError
from tasks.recommending.question import InvalidQuestionError, Question

logger = Logger(service="Recommend")
live = LiveRecommender()
_LISTS = {"exclude"}  # what a query string gives as comma-separated values


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the function URL (payload format 2.0): GET with a query, or POST of JSON.

    200 with the recommendations; 400 with the reason when the request is not valid; 405 for another
    method; 503 while no model is live.
    """
    try:
        method = event["requestContext"]["http"]["method"]
        if method not in ("GET", "POST"):
            return _response(405, {"error": f"{method} is not allowed: use GET or POST"})
        question = parse(event, method)
        url, recommender = live.get()
        return _response(200, {**recommender.answer(question), "model_data_url": url})
    except InvalidQuestionError as error:
        return _response(400, {"error": str(error)})
    except NoLiveModelError as error:
        return _response(503, {"error": str(error)})


def parse(event: dict[str, Any], method: str) -> Question:
    """Return the question that the request asks.

    Raises:
        InvalidQuestionError: names each key that is wrong, and why.
    """
    document = _body(event) if method == "POST" else _query(event)
    try:
        return Question.model_validate(document)
    except ValidationError as error:
        raise InvalidQuestionError("; ".join(map(_describe, error.errors()))) from error


def _query(event: dict[str, Any]) -> dict[str, Any]:
    given = event.get("queryStringParameters") or {}
    return {key: value.split(",") if key in _LISTS else value for key, value in given.items()}


def _body(event: dict[str, Any]) -> Any:
    text = event.get("body") or ""
    try:
        given = base64.b64decode(text) if event.get("isBase64Encoded") else text
        return json.loads(given, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidQuestionError(f"the body is not JSON: {error}") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _describe(problem: Any) -> str:
    where = validation.location(problem, "request")
    if problem["type"] == "model_type":
        return "the request is not a JSON object with a user"
    if problem["type"] == "missing":
        return f"{where}: say for whom, as the interactions name the user"
    if problem["type"] == "extra_forbidden":
        return f"{where}: no such key; there are {', '.join(Question.model_fields)}"
    return validation.describe(problem, whole="request")


def _response(status: int, document: dict[str, Any]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(document),
    }
