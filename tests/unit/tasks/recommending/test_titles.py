"""Wherever an answer names an item, it has its title, if training knows one."""

from typing import Any

from tasks.recommending.question import Question
from tasks.recommending.recommender import Recommender
from tests.unit.tasks.ranked_run import Ranked


def _title(item: str) -> str | None:
    number = int(item.removeprefix("i"))
    return None if number % 2 else f"Title {number}"


def _assert_titled(entries: Any) -> None:
    """Assert that all entries have the title of their item, and that some have one."""
    assert any("title" in entry for entry in entries)
    for entry in entries:
        assert entry.get("title", None) == _title(entry["item"])
        assert entry.get("title", "some") is not None


def test_the_items_of_a_list(ranker: Ranked) -> None:
    _assert_titled(ranker.recommender.answer(Question(user="u1", n=20))["recommendations"])


def test_the_history_and_the_causes(ranker: Ranked) -> None:
    question = Question(history=("i1", "i2", "i3", "i4"), n=20, explain=True)
    answer = ranker.recommender.answer(question)
    assert answer["history"] is not None
    _assert_titled(answer["history"]["items"])
    for entry in answer["recommendations"]:
        causes = entry["explanation"]["because"]
        assert [cause.get("title") for cause in causes] == [_title(one["item"]) for one in causes]


def test_similar_items_and_what_they_are_similar_to(ranker: Ranked) -> None:
    answer = ranker.recommender.similar("i4", Question(similar="i4", n=20))
    assert answer["similar_to"] == {"item": "i4", "title": "Title 4"}
    _assert_titled(answer["recommendations"])


def test_data_without_titles_have_none(prepared: Any) -> None:
    recommender = Recommender.build(prepared.model(noise=True), prepared.catalogue.encoder)
    answer = recommender.answer(Question(user="1", explain=True))
    assert all(set(one) == {"item", "score", "explanation"} for one in answer["recommendations"])
