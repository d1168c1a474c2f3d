"""Lists by histories: equal to what the endpoint scores for the same rows."""

from typing import Any

import numpy as np
import pytest

from fm import scoring
from fm.arrays import Float32s
from tasks.recommending import recommender
from tasks.recommending.question import Answer, Question
from tests.unit.tasks.ranked_run import MOST, Ranked

GIVEN = ["i3", "unheard of", "i7", "i3", "i12", "i5"]
NEW = {"new": {"genres": "g1|g3"}}


def _items(answer: Answer) -> list[str]:
    return [entry["item"] for entry in answer["recommendations"]]


def _scores(ranker: Ranked, user: str, history: list[str] | None) -> Float32s:
    """Return what the endpoint answers for all items, without a context."""
    encoder = ranker.encoder
    count = len(encoder.item_ids)
    given = None if history is None else [encoder.item_indices(history)] * count
    users = encoder.encode_users([user] * count, given)
    return scoring.scores(ranker.model, users + encoder.encode_items(encoder.item_ids))


def _assert_ranks(ranker: Ranked, question: Question, scores: Float32s, hidden: Any) -> None:
    """Assert that the answer is what the scores say, without the hidden items."""
    ids = ranker.encoder.item_ids
    left = np.setdiff1d(np.arange(len(ids)), hidden)
    best = left[np.argsort(-scores[left], kind="stable")][: question.n]
    answer = ranker.recommender.answer(question)
    assert _items(answer) == [ids[at] for at in best]
    answered = [entry["score"] for entry in answer["recommendations"]]
    np.testing.assert_allclose(answered, scores[best], atol=1e-5)


def test_a_known_users_list_is_what_the_endpoint_scores(ranker: Ranked) -> None:
    for user in ranker.encoder.user_ids:
        seen = ranker.encoder.seen_items(user)
        _assert_ranks(ranker, Question(user=user), _scores(ranker, user, None), seen)


def test_a_strangers_list_is_what_the_endpoint_scores_for_their_items(ranker: Ranked) -> None:
    scores = _scores(ranker, "a stranger", ["i7", "i3", "i12", "i5"])
    hidden = ranker.encoder.item_indices(["i7", "i3", "i12", "i5"])
    for user in ("another stranger", None):
        question = Question(user=user, history=tuple(GIVEN))
        _assert_ranks(ranker, question, scores, hidden)
        assert ranker.recommender.answer(question)["fallback"] == "history"


def test_a_known_users_given_history_replaces_what_training_knew(ranker: Ranked) -> None:
    encoder = ranker.encoder
    hidden = [*encoder.seen_items("u1"), *encoder.item_indices(["i3", "i7"])]
    question = Question(user="u1", history=("i7", "i3"))
    _assert_ranks(ranker, question, _scores(ranker, "u1", ["i7", "i3"]), hidden)
    assert ranker.recommender.answer(question)["fallback"] is None


def test_recent_items_are_added_and_hidden(ranker: Ranked) -> None:
    encoder = ranker.encoder
    seen = encoder.seen_items("u1")
    recent = [item for item in encoder.item_ids if encoder.item_indices([item])[0] not in seen][:2]
    known = [encoder.item_ids[index] for index in encoder.history("u1")]
    question = Question(user="u1", recent=tuple(recent))
    hidden = [*seen, *encoder.item_indices(recent)]
    _assert_ranks(ranker, question, _scores(ranker, "u1", [*known, *recent]), hidden)


def test_given_items_that_are_too_old_to_count_are_hidden_too(ranker: Ranked) -> None:
    given = [f"i{item}" for item in range(1, MOST + 5)]
    answer = ranker.recommender.answer(Question(history=tuple(given), n=1000))
    assert answer["history"] == {"used": MOST, "unknown": 0, "doubled": 0, "older": 4}
    assert set(_items(answer)) == set(ranker.encoder.item_ids) - set(given)


def test_excluded_items_are_hidden_beside_the_given_ones(ranker: Ranked) -> None:
    first, second, *_ = _items(ranker.recommender.answer(Question(history=("i3",))))
    answer = ranker.recommender.answer(Question(history=("i3",), exclude=(first,)))
    assert _items(answer)[0] == second


def test_a_given_item_that_comes_back_is_scored_by_the_others(ranker: Ranked) -> None:
    """So training saw it: a row's own item is left out of its history."""
    encoder = ranker.encoder
    given = ["i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8"]
    scores = _scores(ranker, "nobody", given)
    for item in given[-MOST:]:
        others = [other for other in given if other != item]
        index = encoder.item_indices([item])[0]
        scores[index] = _scores(ranker, "nobody", others)[index]
    question = Question(history=tuple(given), include_seen=True, n=30)
    _assert_ranks(ranker, question, scores, [])


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ({"user": "a stranger"}, 0),
        ({"history": ["x", "y"]}, 2),
        ({"history": []}, 0),
        ({"user": "a stranger", "recent": ["x"]}, 1),
        ({"user": "u1", "history": ["x"]}, 1),
    ],
)
def test_someone_of_whom_nothing_is_known_is_the_average_user(
    ranker: Ranked, question: dict[str, Any], unknown: int
) -> None:
    encoder = ranker.encoder
    count = len(encoder.item_ids)
    raw = np.array(
        [
            scoring.raw_scores(
                ranker.model,
                encoder.encode_users([user] * count) + encoder.encode_items(encoder.item_ids),
            )
            for user in encoder.user_ids
        ]
    )
    mean = np.asarray(encoder.user_counts) @ raw
    mean[encoder.seen_items(question.get("user", ""))] = -np.inf
    answer = ranker.recommender.answer(Question.model_validate({**question, "n": 8}))
    assert answer["fallback"] == "average_user"
    assert answer["history"] == {"used": 0, "unknown": unknown, "doubled": 0, "older": 0}
    assert _items(answer) == [encoder.item_ids[at] for at in np.argsort(-mean)[:8]]


def test_the_average_user_does_not_depend_on_the_batches(
    ranker: Ranked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommender, "_BATCH_USERS", 7)
    in_batches = recommender.Recommender.build(ranker.model, ranker.encoder)
    question = Question(user="a stranger", n=30)
    found, expected = (
        {one["item"]: one["score"] for one in some.answer(question)["recommendations"]}
        for some in (in_batches, ranker.recommender)
    )
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_user_who_likes_nothing_is_scored_as_the_endpoint_does(ranker: Ranked) -> None:
    assert not len(ranker.encoder.history("u39"))
    seen = ranker.encoder.seen_items("u39")
    assert len(seen)
    _assert_ranks(ranker, Question(user="u39"), _scores(ranker, "u39", []), seen)
    assert ranker.recommender.answer(Question(user="u39"))["fallback"] is None


def test_context_and_new_items_go_with_a_history(ranker: Ranked) -> None:
    encoder = ranker.encoder
    context: Any = {"device": ["d1"]}
    history = [encoder.item_indices(["i3", "i7"])]
    around = encoder.encode_users(["x"], history) + encoder.encode_contexts(1, context)
    new = encoder.encode_new_items(1, {"genres": ["g1|g3"]})
    expected = scoring.scores(ranker.model, (around + new).tocsr())[0]
    question = Question(
        history=("i3", "i7"), context={"device": "d1"}, new_items=NEW, n=1000, include_seen=True
    )
    scores = {
        one["item"]: one["score"] for one in ranker.recommender.answer(question)["recommendations"]
    }
    assert scores["new"] == pytest.approx(expected, abs=1e-5)
    again = encoder.encode(["x"], ["i3"], context, [encoder.item_indices(["i7"])])
    assert scores["i3"] == pytest.approx(scoring.scores(ranker.model, again)[0], abs=1e-5)
