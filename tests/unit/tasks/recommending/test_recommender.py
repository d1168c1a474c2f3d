"""Recommendations in memory: equal to scoring every pair, named as in the input, explained."""

from typing import Any

import numpy as np
import pytest

from fm import scoring
from tasks.recommending.question import Answer, InvalidQuestionError, Question
from tasks.recommending.recommender import Recommender


@pytest.fixture(scope="module")
def recommender(prepared: Any) -> Recommender:
    return Recommender.build(prepared.model(noise=True), prepared.catalogue.encoder)


def _items(answer: Answer) -> list[str]:
    return [entry["item"] for entry in answer["recommendations"]]


def test_they_are_what_scoring_every_unseen_item_gives(
    prepared: Any, recommender: Recommender
) -> None:
    encoder, model = prepared.catalogue.encoder, prepared.model(noise=True)
    for user in encoder.user_ids[:10]:
        scores = scoring.scores(
            model, encoder.encode([user] * len(encoder.item_ids), encoder.item_ids)
        )
        scores[encoder.seen_items(user)] = -1
        best = np.argsort(-scores, kind="stable")[:10]
        answer = recommender.answer(Question(user=user))
        assert _items(answer) == [encoder.item_ids[at] for at in best]
        answered = [entry["score"] for entry in answer["recommendations"]]
        np.testing.assert_allclose(answered, scores[best], atol=1e-5)
        assert answer["fallback"] is None


def test_seen_items_come_back_when_asked_for(prepared: Any, recommender: Recommender) -> None:
    user = prepared.catalogue.encoder.user_ids[0]
    everything = recommender.answer(Question(user=user, n=1000, include_seen=True))
    unseen = recommender.answer(Question(user=user, n=1000))
    assert len(_items(everything)) == 80
    seen = prepared.catalogue.encoder.seen_items(user)
    assert len(_items(unseen)) == 80 - len(seen)


def test_excluded_items_are_left_out_and_unknown_ones_do_not_matter(
    prepared: Any, recommender: Recommender
) -> None:
    user = prepared.catalogue.encoder.user_ids[0]
    first, second, *_ = _items(recommender.answer(Question(user=user)))
    answer = recommender.answer(Question(user=user, exclude=(first, "no such item")))
    assert _items(answer)[0] == second


def test_an_unknown_user_gets_what_the_average_user_would(
    prepared: Any, recommender: Recommender
) -> None:
    encoder, model = prepared.catalogue.encoder, prepared.model(noise=True)
    raw = np.array(
        [
            scoring.raw_scores(
                model, encoder.encode([user] * len(encoder.item_ids), encoder.item_ids)
            )
            for user in encoder.user_ids
        ]
    )
    mean = encoder.user_counts @ raw
    answer = recommender.answer(Question(user="nobody", n=5))
    assert answer["fallback"] == "average_user"
    assert _items(answer) == [encoder.item_ids[at] for at in np.argsort(-mean)[:5]]


def test_an_explanation_adds_up_and_names_the_inputs_columns(
    prepared: Any, recommender: Recommender
) -> None:
    user = prepared.catalogue.encoder.user_ids[0]
    (entry,) = recommender.answer(Question(user=user, n=1, explain=True))["recommendations"]
    terms = entry["explanation"]
    assert set(terms["linear"]) == {"user_id", "item_id"}
    (pair,) = terms["pairs"]
    assert pair["fields"] == ["user_id", "item_id"]
    total = terms["bias"] + sum(terms["linear"].values()) + pair["term"]
    assert terms["raw_score"] == pytest.approx(total, abs=1e-5)
    assert entry["score"] == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-5)


def test_a_context_that_the_model_does_not_have_is_refused(recommender: Recommender) -> None:
    with pytest.raises(InvalidQuestionError, match="no such column: weather; the model has none"):
        recommender.answer(Question(user="1", context={"weather": "rain"}))
