"""The recommend function's requests and answers."""

import base64
import json
from typing import Any

import pytest

from tasks import recommend
from tasks.recommending.function_url import Request
from tasks.recommending.live import LiveRecommender
from tasks.recommending.recommender import Recommender
from tasks.rollout import serving_stack

URL = "s3://bucket/runs/r/model/j/output/model.tar.gz"


@pytest.fixture(autouse=True)
def live(monkeypatch: pytest.MonkeyPatch, prepared: Any) -> None:
    recommender = Recommender.build(prepared.model(), prepared.catalogue.encoder)

    class Live:
        def get(self) -> tuple[str, Recommender]:
            return URL, recommender

    monkeypatch.setattr(recommend, "live_recommender", Live)


def _ask(method: str = "GET", **request: Any) -> tuple[int, dict[str, Any]]:
    context: Any = None
    event: Any = Request(requestContext={"http": {"method": method}}) | request
    answer = recommend.handler(event, context)
    return answer["statusCode"], json.loads(answer["body"])


def test_a_query_is_answered() -> None:
    status, answer = _ask(queryStringParameters={"user": "1", "n": "3"})
    assert status == 200
    assert len(answer["recommendations"]) == 3
    assert answer["model_data_url"] == URL


@pytest.mark.parametrize("encoded", [True, False])
def test_a_body_is_answered(encoded: bool) -> None:
    body = json.dumps({"user": 1, "n": 2, "explain": True})
    if encoded:
        body = base64.b64encode(body.encode()).decode()
    status, answer = _ask("POST", body=body, isBase64Encoded=encoded)
    assert status == 200
    assert len(answer["recommendations"]) == 2
    assert "explanation" in answer["recommendations"][0]


def test_items_to_leave_out_are_comma_separated_in_a_query() -> None:
    _, whole = _ask(queryStringParameters={"user": "1"})
    first, second, third = (entry["item"] for entry in whole["recommendations"][:3])
    query = {"user": "1", "exclude": f"{first},{second}"}
    _, answer = _ask(queryStringParameters=query)
    assert answer["recommendations"][0]["item"] == third


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({}, "user: say for whom"),
        ({"user": ""}, "user: String should have at least 1 character"),
        ({"user": "1", "n": "0"}, r"n: .*greater than or equal to 1 (given: '0')"),
        ({"user": "1", "n": "ten"}, "n: "),
        ({"user": "1", "limit": "5"}, "limit: no such key; there are user, n, "),
    ],
)
def test_an_invalid_request_is_refused_with_the_reason(query: dict[str, str], reason: str) -> None:
    status, answer = _ask(queryStringParameters=query)
    assert status == 400
    for part in reason.split(".*"):
        assert part in answer["error"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"user": "1", "n": NaN}', "NaN is not a number"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ('{"user": ["1"]}', "user: "),
        ('{"user": "1", "exclude": "2"}', "exclude: "),
        ('{"user": "1", "context": {"device": null}}', "context.device: give a text or a number"),
        ('{"user": "1", "context": {"device": ["tv"]}}', "context.device: give a text or"),
    ],
)
def test_a_body_that_asks_nothing_sensible_is_refused(body: str, reason: str) -> None:
    status, answer = _ask("POST", body=body)
    assert status == 400
    assert reason in answer["error"]
    assert "Value error" not in answer["error"]


def test_a_body_whose_encoding_is_broken_is_refused() -> None:
    body = base64.b64encode(b"\xff\xfe{").decode()
    assert _ask("POST", body=body, isBase64Encoded=True)[0] == 400


def test_another_method_is_refused() -> None:
    assert _ask("DELETE")[0] == 405


def test_without_a_live_model_the_function_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = [{"ParameterKey": "ModelDataUrl", "ParameterValue": ""}]
    stack = {"StackStatus": "CREATE_COMPLETE", "Parameters": parameters}
    monkeypatch.setattr(serving_stack, "describe", lambda _name: stack)
    monkeypatch.setattr(recommend, "live_recommender", lambda: LiveRecommender("fs-serving"))
    status, answer = _ask(queryStringParameters={"user": "1"})
    assert status == 503
    assert "no model is live" in answer["error"]


def test_the_serving_stack_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("SERVING_STACK", "fs-serving")
    recommend.live_recommender.cache_clear()
    described = []

    def describe(name: str) -> dict[str, Any]:
        described.append(name)
        parameters = [{"ParameterKey": "ModelDataUrl", "ParameterValue": ""}]
        return {"StackStatus": "CREATE_COMPLETE", "Parameters": parameters}

    monkeypatch.setattr(serving_stack, "describe", describe)
    assert _ask(queryStringParameters={"user": "1"})[0] == 503
    assert described == ["fs-serving"]
    recommend.live_recommender.cache_clear()
