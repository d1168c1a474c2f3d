"""Similar items: by the direction of their factors, side features included."""

from typing import Any

import numpy as np
import pytest

from tasks.recommending.question import InvalidQuestionError, Question
from tasks.recommending.recommender import Recommender
from tests.unit.tasks.ranked_run import Ranked


def _similar(ranker: Ranked, **question: Any) -> list[tuple[str, float]]:
    asked = Question.model_validate({"similar": "i3", **question})
    answer = ranker.recommender.similar("i3", asked)
    assert answer["similar_to"] == {"item": "i3"}
    return [(entry["item"], entry["score"]) for entry in answer["recommendations"]]


def test_they_are_those_whose_factors_point_the_same_way(ranker: Ranked) -> None:
    encoder = ranker.encoder
    vectors = encoder.encode_items(encoder.item_ids) @ ranker.model.factors
    at = encoder.item_indices(["i3"])[0]
    norms = np.linalg.norm(vectors, axis=1)
    cosines = vectors @ vectors[at] / norms / norms[at]
    best = [index for index in np.argsort(-cosines) if index != at][:6]
    found = _similar(ranker, n=6)
    assert [item for item, _ in found] == [encoder.item_ids[index] for index in best]
    np.testing.assert_allclose([score for _, score in found], cosines[best], atol=1e-5)


def test_all_others_can_be_listed(ranker: Ranked) -> None:
    items = [item for item, _ in _similar(ranker, n=1000)]
    assert sorted(items) == sorted(set(ranker.encoder.item_ids) - {"i3"})


def test_a_user_is_not_shown_what_they_have_had_unless_asked_for(ranker: Ranked) -> None:
    encoder = ranker.encoder
    seen = {encoder.item_ids[index] for index in encoder.seen_items("u1")}
    unseen = {item for item, _ in _similar(ranker, user="u1", n=1000)}
    assert unseen == set(encoder.item_ids) - seen - {"i3"}
    everything = _similar(ranker, user="u1", n=1000, include_seen=True)
    assert len(everything) == len(encoder.item_ids) - 1


def test_given_and_excluded_items_are_hidden(ranker: Ranked) -> None:
    (first, _), (second, _), (third, _), *_ = _similar(ranker)
    assert _similar(ranker, history=[first], exclude=[second])[0][0] == third


def test_an_item_that_training_does_not_know_is_refused(ranker: Ranked) -> None:
    with pytest.raises(InvalidQuestionError, match="similar: training does not know item 'x'"):
        ranker.recommender.similar("x", Question(similar="x"))


def test_a_model_without_histories_knows_similar_items_too(prepared: Any) -> None:
    recommender = Recommender.build(prepared.model(noise=True), prepared.catalogue.encoder)
    item = prepared.catalogue.encoder.item_ids[0]
    answer = recommender.similar(item, Question(similar=item, n=3))
    assert len(answer["recommendations"]) == 3
