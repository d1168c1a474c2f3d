"""The live model's recommender follows the live model."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tasks.recommending import live
from tasks.recommending.live import LiveRecommender, NoLiveModelError
from tasks.rollout import live_artifact


def _serve(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(live_artifact, "read", lambda _bucket: url)


@pytest.fixture
def recommender(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A live recommender that asks at every request, and whose model is the artifact's URL."""
    monkeypatch.setattr(live, "_load", lambda url: url)
    monkeypatch.setattr(live, "REFRESH_SECONDS", 0.0)
    return LiveRecommender("bucket")


def test_the_model_in_memory_follows_the_live_one(
    monkeypatch: pytest.MonkeyPatch, recommender: Any
) -> None:
    _serve(monkeypatch, "one")
    assert recommender.get() == ("one", "one")
    _serve(monkeypatch, "two")
    assert recommender.get() == ("two", "two")
    _serve(monkeypatch, "")
    with pytest.raises(NoLiveModelError):
        recommender.get()


def test_it_does_not_ask_which_is_live_at_every_request(
    monkeypatch: pytest.MonkeyPatch, recommender: Any
) -> None:
    monkeypatch.setattr(live, "REFRESH_SECONDS", 15.0)
    _serve(monkeypatch, "one")
    recommender.get()
    _serve(monkeypatch, "two")
    assert recommender.get() == ("one", "one")


def test_the_model_in_memory_answers_while_nobody_says_what_is_live(
    monkeypatch: pytest.MonkeyPatch, recommender: Any
) -> None:
    def throttled(_name: str) -> None:
        raise ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")

    _serve(monkeypatch, "one")
    recommender.get()
    monkeypatch.setattr(live_artifact, "read", throttled)
    assert recommender.get() == ("one", "one")
    with pytest.raises(ClientError):
        LiveRecommender("bucket").get()
