"""Every system makes the lists that scoring all items and sorting would make."""

from typing import Any

import numpy as np
import pytest

from fm import ease
from tasks.evaluation import audience, list_makers
from tasks.evaluation.contenders import Contender
from tests.unit.tasks.evaluation import naive


@pytest.mark.parametrize("system", ["ease", "item_knn", "baseline"])
@pytest.mark.parametrize("given", [None, 5])
def test_baselines_learn_from_the_likes_of_all_but_strangers(
    ranked: Any, system: Any, given: int | None
) -> None:
    likes = naive.Likes(ranked)
    scores = {"ease": naive.ease, "item_knn": naive.item_knn, "baseline": naive.popularity}
    asked, users = _asked(ranked, given), likes.by(given) if given else likes.warm()
    made = list_makers.from_histories(ranked.catalogue, ranked.held_out.strangers)
    found = made.makers[system](asked, 10)
    expected = [naive.top(scores[system](likes), one, 10) for one in users]
    same = [ours == theirs for ours, theirs in zip(found.tolist(), expected, strict=True)]
    assert np.mean(same) > 0.98  # float32 may swap two items whose scores are nearly equal


@pytest.mark.parametrize("given", [None, 5])
def test_a_model_is_asked_with_the_history_that_the_user_is_known_by(
    ranked: Any, given: int | None
) -> None:
    model, likes = ranked.model(noise=True), naive.Likes(ranked)
    asked, users = _asked(ranked, given), likes.by(given) if given else likes.warm()
    found = list_makers.by_model(Contender(model), ranked.catalogue)(asked, 10)
    score = naive.by_model(ranked, model)
    same = [
        ours == naive.top(score, one, 10) for ours, one in zip(found.tolist(), users, strict=True)
    ]
    assert np.mean(same) > 0.98


def test_strangers_would_teach_the_baselines_if_they_were_not_left_out(ranked: Any) -> None:
    asked = audience.warm(ranked.catalogue, ranked.held_out, 1.0)
    honest = list_makers.from_histories(ranked.catalogue, ranked.held_out.strangers)
    everyone = list_makers.from_histories(ranked.catalogue, np.empty(0, np.int64))
    for system, make in honest.makers.items():
        assert (make(asked, 10) != everyone.makers[system](asked, 10)).any()


def test_a_catalogue_too_large_for_ease_says_so(
    ranked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ease, "MOST_ITEMS", 59)
    made = list_makers.from_histories(ranked.catalogue, ranked.held_out.strangers)
    assert set(made.makers) == {"baseline", "item_knn"}
    assert "60 items are more than the 59" in made.not_compared["ease"]


def test_without_histories_popularity_alone_makes_lists(prepared: Any) -> None:
    likes = np.arange(prepared.catalogue.items)
    made = list_makers.from_rows(prepared.catalogue, likes)
    asked = audience.warm(prepared.catalogue, prepared.held_out, 1.0)
    found = made.makers["baseline"](asked, 5)
    for row, hidden in zip(found.tolist(), asked.hidden, strict=True):
        left = sorted(set(likes.tolist()) - set(hidden.tolist()), reverse=True)
        assert row == left[:5]
    assert set(made.makers) == {"baseline"}
    assert set(made.not_compared) == {"ease", "item_knn"}


def _asked(run: Any, given: int | None) -> audience.Audience:
    if given is None:
        return audience.warm(run.catalogue, run.held_out, 1.0)
    return audience.strangers(run.catalogue, run.held_out, given)
