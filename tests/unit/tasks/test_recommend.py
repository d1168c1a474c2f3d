"""The recommend function's requests and answers."""

import base64
import json
from typing import Any

import pytest

from tasks import recommend
from tasks.recommending.function_url import Request
from tasks.recommending.live import LiveRecommender
from tasks.recommending.recommender import Recommender
from tasks.rollout import live_artifact

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


@pytest.fixture
def by_history(monkeypatch: pytest.MonkeyPatch, ranker: Any) -> None:
    class Live:
        def get(self) -> tuple[str, Recommender]:
            return URL, ranker.recommender

    monkeypatch.setattr(recommend, "live_recommender", Live)


@pytest.mark.usefixtures("by_history")
def test_a_query_and_a_body_give_the_same_history() -> None:
    _, query = _ask(queryStringParameters={"history": "i3,i7,x", "recent": "i5"})
    body = json.dumps({"history": ["i3", "i7", "x"], "recent": ["i5"]})
    assert _ask("POST", body=body) == (200, query)
    assert query["fallback"] == "history"
    assert query["history"] == {"used": 3, "unknown": 1, "doubled": 0, "older": 0}
    assert query["user"] is None


@pytest.mark.usefixtures("by_history")
def test_an_empty_list_in_a_query_is_an_empty_history() -> None:
    _, answer = _ask(queryStringParameters={"user": "u1", "history": ""})
    assert answer["fallback"] == "average_user"
    assert answer["history"] == {"used": 0, "unknown": 0, "doubled": 0, "older": 0}


@pytest.mark.usefixtures("by_history")
def test_a_query_of_similar_items_is_answered() -> None:
    status, answer = _ask(queryStringParameters={"similar": "i4", "n": "2"})
    assert status == 200
    assert answer["similar_to"] == {"item": "i4", "title": "Title 4"}
    assert len(answer["recommendations"]) == 2
    assert answer["model_data_url"] == URL


@pytest.mark.usefixtures("by_history")
@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"history": "i3"}, "history: Input should be a valid tuple"),
        ({"history": [["i3"]]}, "history.0: Input should be a valid string"),
        ({"history": [None]}, "history.0: Input should be a valid string"),
        ({"history": [str(item) for item in range(10_001)]}, "history: Tuple should have at most"),
        ({"recent": [str(item) for item in range(10_001)]}, "recent: Tuple should have at most"),
        ({"similar": "x"}, "similar: training does not know item 'x'"),
        ({"similar": ""}, "similar: String should have at least 1 character"),
        ({"similar": "i4", "explain": True}, "explain: of no use with similar"),
        ({"similar": "i4", "new_items": {"x": {"genres": "g1"}}}, "new_items: of no use with sim"),
        ({"recent": []}, "user: say for whom"),
    ],
)
def test_a_history_or_an_item_that_makes_no_sense_is_refused(
    question: dict[str, Any], reason: str
) -> None:
    status, answer = _ask("POST", body=json.dumps(question))
    assert status == 400
    assert reason in answer["error"]


@pytest.mark.parametrize("key", ["history", "recent"])
def test_a_model_without_histories_says_what_to_do(key: str) -> None:
    status, answer = _ask(queryStringParameters={"user": "1", key: "2,3"})
    assert status == 400
    assert f"{key}: the live model knows its users by name" in answer["error"]
    assert "purpose ranking" in answer["error"]


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
    monkeypatch.setattr(live_artifact, "read", lambda _bucket: "")
    monkeypatch.setattr(recommend, "live_recommender", lambda: LiveRecommender("bucket"))
    status, answer = _ask(queryStringParameters={"user": "1"})
    assert status == 503
    assert "no model is live" in answer["error"]


def test_the_bucket_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("BUCKET", "a-bucket")
    recommend.live_recommender.cache_clear()
    read = []

    def nothing_is_live(bucket: str) -> str:
        read.append(bucket)
        return ""

    monkeypatch.setattr(live_artifact, "read", nothing_is_live)
    assert _ask(queryStringParameters={"user": "1"})[0] == 503
    assert read == ["a-bucket"]
    recommend.live_recommender.cache_clear()
