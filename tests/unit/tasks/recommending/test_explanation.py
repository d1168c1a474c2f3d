"""Explanations by history: what each item contributes, exactly."""

import numpy as np
import pytest

from fm.field_terms import feature_terms
from tasks.recommending import explanation
from tasks.recommending.question import Explanation, Question
from tests.unit.tasks.ranked_run import Ranked

GIVEN = ("i3", "i7", "i12", "i5")
ITEM_FIELDS = ("item", "genres")


def _explained(ranker: Ranked, question: Question) -> dict[str, Explanation]:
    recommendations = ranker.recommender.answer(question)["recommendations"]
    return {entry["item"]: entry["explanation"] for entry in recommendations}


def _terms(ranker: Ranked, item: str) -> dict[str, float]:
    """Return the contribution of each of `GIVEN` to the score of an item."""
    encoder = ranker.encoder
    indices = encoder.item_indices(GIVEN)
    row = encoder.encode_users(["x"], [indices])
    terms = feature_terms(ranker.model, row, encoder.encode_items([item]))
    start = encoder.manifest.field("user").start
    of_index = dict(zip(row.indices - start, terms.tolist(), strict=True))
    return {given: of_index[index] for given, index in zip(GIVEN, indices, strict=True)}


def test_the_terms_of_all_items_are_the_pair_terms_of_the_history(
    ranker: Ranked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explanation, "_STRONGEST_PAIRS", 100)
    for item, explained in _explained(ranker, Question(history=GIVEN, n=30, explain=True)).items():
        pairs = {tuple(pair["fields"]): pair["term"] for pair in explained["pairs"]}
        expected = sum(pairs.get(("user", field), 0.0) for field in ITEM_FIELDS)
        assert sum(_terms(ranker, item).values()) == pytest.approx(expected, abs=1e-5)
        everything = explained["bias"] + sum(explained["linear"].values()) + sum(pairs.values())
        assert explained["raw_score"] == pytest.approx(everything, abs=1e-4)


def test_the_items_that_raise_a_score_are_its_causes_the_strongest_first(ranker: Ranked) -> None:
    explained = _explained(ranker, Question(history=GIVEN, n=30, explain=True))
    counts = set()
    for item, one in explained.items():
        terms = {given: term for given, term in _terms(ranker, item).items() if term > 0}
        causes = one["because"]
        assert [cause["item"] for cause in causes] == sorted(terms, key=lambda name: -terms[name])
        for cause in causes:
            assert cause["term"] == pytest.approx(terms[cause["item"]], abs=1e-5)
        counts.add(len(causes))
    assert len(counts) > 1  # those that lower a score are left out


def test_only_the_strongest_are_named(ranker: Ranked, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(history=GIVEN, n=30, explain=True)
    everything = _explained(ranker, question)
    monkeypatch.setattr(explanation, "_MOST_CAUSES", 2)
    strongest = _explained(ranker, question)
    assert any(len(one["because"]) > 2 for one in everything.values())
    for item, one in strongest.items():
        assert one["because"] == everything[item]["because"][:2]


def test_an_average_user_has_no_causes(ranker: Ranked) -> None:
    explained = _explained(ranker, Question(user="a stranger", n=3, explain=True))
    assert [one["because"] for one in explained.values()] == [[], [], []]


def test_an_item_that_comes_back_is_not_its_own_cause(ranker: Ranked) -> None:
    question = Question(history=GIVEN, n=30, include_seen=True, explain=True)
    explained = _explained(ranker, question)
    for item in GIVEN:
        assert item not in [cause["item"] for cause in explained[item]["because"]]


def test_the_items_that_stand_for_the_user_are_named_oldest_first(ranker: Ranked) -> None:
    question = Question(history=("i3", "x", "i7", "i3"), explain=True)
    use = ranker.recommender.answer(question)["history"]
    assert use is not None
    assert [entry["item"] for entry in use["items"]] == ["i7", "i3"]


def test_new_items_are_explained_too(ranker: Ranked) -> None:
    question = Question(history=GIVEN, n=1000, explain=True, new_items={"new": {"genres": "g1|g3"}})
    encoder = ranker.encoder
    row = encoder.encode_users(["x"], [encoder.item_indices(GIVEN)])
    features = encoder.encode_new_items(1, {"genres": ["g1|g3"]})
    terms = feature_terms(ranker.model, row, features)
    causes = _explained(ranker, question)["new"]["because"]
    assert len(causes) == int(np.sum(terms > 0))
    assert causes[0]["term"] == pytest.approx(terms.max(), abs=1e-5)
