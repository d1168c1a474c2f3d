"""What stands for a user: what training knows, what a question gives, and what does not count."""

from typing import Any

import numpy as np
import pytest

from tasks.recommending import history
from tasks.recommending.question import HistoryUse, InvalidQuestionError, Question
from tests.unit.tasks.ranked_run import MOST, Ranked


def _of(ranker: Ranked, **question: Any) -> tuple[list[str], HistoryUse]:
    """Return the items that count, and how many there are of each kind."""
    found = history.of_question(Question.model_validate(question), ranker.encoder)
    assert found is not None
    return [ranker.encoder.item_ids[index] for index in found.used], found.use


def _use(used: int, *, unknown: int = 0, doubled: int = 0, older: int = 0) -> HistoryUse:
    return {"used": used, "unknown": unknown, "doubled": doubled, "older": older}


@pytest.fixture
def known(ranker: Ranked) -> list[str]:
    """Return what training knows of user u1, oldest first."""
    ids = [ranker.encoder.item_ids[index] for index in ranker.encoder.history("u1")]
    assert 2 < len(ids) < MOST
    return ids


def test_what_training_knows_stands_for_a_user(ranker: Ranked, known: list[str]) -> None:
    assert _of(ranker, user="u1") == (known, _use(len(known)))


def test_a_given_history_takes_its_place(ranker: Ranked) -> None:
    assert _of(ranker, user="u1", history=["i3", "i1"]) == (["i3", "i1"], _use(2))


def test_an_empty_history_takes_its_place_too(ranker: Ranked) -> None:
    assert _of(ranker, user="u1", history=[]) == ([], _use(0))


def test_recent_items_come_after_it(ranker: Ranked, known: list[str]) -> None:
    new = next(item for item in ranker.encoder.item_ids if item not in known)
    assert _of(ranker, user="u1", recent=[new]) == ([*known, new], _use(len(known) + 1))


def test_recent_items_come_after_a_given_history(ranker: Ranked) -> None:
    assert _of(ranker, history=["i3"], recent=["i1"]) == (["i3", "i1"], _use(2))


def test_of_an_item_that_is_named_twice_the_last_place_counts(
    ranker: Ranked, known: list[str]
) -> None:
    assert _of(ranker, history=["i1", "i2", "i1", "i3", "i3"]) == (
        ["i2", "i1", "i3"],
        _use(3, doubled=2),
    )
    assert _of(ranker, user="u1", recent=known[:1]) == (
        [*known[1:], known[0]],
        _use(len(known), doubled=1),
    )


def test_unknown_items_are_counted_and_do_not_count(ranker: Ranked) -> None:
    assert _of(ranker, history=["x", "i1", "x"], recent=["y"]) == (["i1"], _use(1, unknown=3))


def test_of_more_than_the_model_looks_at_the_newest_count(ranker: Ranked) -> None:
    given = [f"i{item}" for item in range(1, MOST + 4)]
    assert _of(ranker, history=given) == (given[-MOST:], _use(MOST, older=3))


def test_the_counts_add_up_to_all_items(ranker: Ranked) -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        given = [f"i{item}" for item in rng.integers(60, size=rng.integers(40))]
        used, use = _of(ranker, history=given)
        assert len(used) == use["used"] <= MOST
        assert use["used"] + use["unknown"] + use["doubled"] + use["older"] == len(given)


@pytest.mark.parametrize("given", [{"history": ["1"]}, {"history": []}, {"recent": ["1"]}])
def test_a_model_without_histories_takes_none(prepared: Any, given: dict[str, Any]) -> None:
    question = Question.model_validate({"user": "1", **given})
    name = next(iter(given))
    with pytest.raises(InvalidQuestionError, match=f"^{name}: .* train a model with purpose rank"):
        history.of_question(question, prepared.catalogue.encoder)


def test_a_model_without_histories_has_none(prepared: Any) -> None:
    assert history.of_question(Question(user="1"), prepared.catalogue.encoder) is None
