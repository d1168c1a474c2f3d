"""The evaluation of a model for ranking, beside one that is made one user at a time."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tasks.evaluation.contenders import Contender, Live
from tasks.evaluation.evaluation import Evaluation
from tasks.evaluation.measurements import Measurements
from tasks.evaluation.translation import Translation
from tests.unit.tasks.evaluation import naive

LISTS = {"model", "live", "ease", "item_knn", "baseline", "bias_only"}


@pytest.fixture(scope="module")
def evaluation(ranked: Any, ranked_earlier: Any) -> Evaluation:
    translation = Translation.load(ranked.data, ranked_earlier.data)
    live = Live(Contender(ranked_earlier.group_model(), translation))
    evaluation: Evaluation = ranked.evaluated(ranked.group_model(), live)
    return evaluation


@pytest.fixture(scope="module")
def measured(evaluation: Evaluation) -> dict[str, Any]:
    return dict(evaluation.measurements.document())


def _scores(run: Any) -> dict[str, naive.Score]:
    likes = naive.Likes(run)
    return {
        "model": naive.by_model(run, run.group_model()),
        "ease": naive.ease(likes),
        "item_knn": naive.item_knn(likes),
        "baseline": naive.popularity(likes),
    }


def test_it_says_what_the_model_is_for(measured: dict[str, Any]) -> None:
    assert measured["purpose"] == "ranking"
    assert measured["predictor_type"] == "binary_classifier"


@pytest.mark.parametrize("system", ["model", "ease", "item_knn", "baseline"])
def test_lists_are_as_good_as_one_user_after_the_other(
    ranked: Any, measured: dict[str, Any], system: str
) -> None:
    users = naive.Likes(ranked).warm()
    expected = naive.ndcg_at_10(_scores(ranked)[system], users)
    assert measured["ranking"]["users"] == len(users)
    assert measured["ranking"][system]["ndcg@10"] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("system", ["model", "ease", "item_knn", "baseline"])
@pytest.mark.parametrize("given", [5, 10])
def test_strangers_lists_are_as_good_as_one_user_after_the_other(
    ranked: Any, measured: dict[str, Any], system: str, given: int
) -> None:
    users = naive.Likes(ranked).by(given)
    expected = naive.ndcg_at_10(_scores(ranked)[system], users)
    strangers = measured["ranking"]["strangers"][str(given)]
    assert strangers["users"] == len(users)
    assert strangers[system]["ndcg@10"] == pytest.approx(expected, abs=1e-3)


def test_held_out_likes_that_leak_into_histories_would_be_noticed(
    ranked: Any, measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    since, encoder = naive.Likes(ranked).since, ranked.catalogue.encoder
    honest = encoder.history

    def leaking(user: str) -> Any:
        later = sorted(since[encoder.user_ids.index(user)])
        return np.unique(np.concatenate([honest(user), np.array(later, np.int64)]))

    monkeypatch.setattr(encoder, "history", leaking)
    leaked = ranked.evaluated(ranked.group_model()).measurements.document()["ranking"]
    monkeypatch.undo()
    users = naive.Likes(ranked).warm()
    for system in ("model", "ease", "item_knn"):
        expected = naive.ndcg_at_10(_scores(ranked)[system], users)
        assert abs(leaked[system]["ndcg@10"] - expected) > 0.005
        assert abs(measured["ranking"][system]["ndcg@10"] - expected) < 0.001


def test_every_system_has_intervals_and_a_difference(measured: dict[str, Any]) -> None:
    table = measured["ranking"]
    assert set(table) >= LISTS
    assert set(table["differences"]) == LISTS - {"model"}
    for system in LISTS:
        assert {"ndcg@10", "recall@10", "coverage@10"} <= set(table[system])
        low, high = table["intervals"][system]["ndcg@10"]
        assert low < table[system]["ndcg@10"] < high


def test_strangers_are_compared_by_two_metrics_where_there_are_enough(
    measured: dict[str, Any],
) -> None:
    strangers = measured["ranking"]["strangers"]
    assert set(strangers) == {"5", "10", "20"}
    assert set(strangers["5"]["model"]) == {"ndcg@10", "recall@10"}
    assert set(strangers["5"]) == {"users", *LISTS, "intervals", "differences"}
    assert strangers["20"]["users"] < 10
    assert set(strangers["20"]) == {"users"}


def test_a_model_that_knows_the_groups_is_better_than_popularity(
    measured: dict[str, Any],
) -> None:
    assert measured["ranking"]["differences"]["baseline"]["ndcg@10"]["low"] > 0
    difference = measured["ranking"]["strangers"]["5"]["differences"]["baseline"]
    assert difference["ndcg@10"]["low"] > 0


def test_rows_are_scored_against_sampled_negatives(ranked: Any, measured: dict[str, Any]) -> None:
    assert measured["rows"] == len(ranked.test.labels)
    assert 0.5 < measured["model"]["auc"] < 1


def test_dislikes_are_not_wanted(ranked: Any) -> None:
    disliked = replace(ranked.held_out, labels=np.zeros_like(ranked.held_out.labels))
    evaluation = ranked.evaluated(ranked.group_model(), held_out=disliked)
    assert evaluation.measurements.ranking.users == 0
    assert not evaluation.examples


def test_the_gate_reads_what_the_evaluation_wrote(evaluation: Evaluation) -> None:
    written: Any = json.loads(json.dumps(evaluation.measurements.document()))
    assert Measurements.from_document(written) == evaluation.measurements


def test_the_result_is_small_and_plain_json(measured: dict[str, Any]) -> None:
    assert len(json.dumps(measured, allow_nan=False)) < 30_000


def test_examples_are_lists_of_the_upper_middle_and_lower_quartile(
    ranked: Any, evaluation: Evaluation
) -> None:
    upper, middle, lower = evaluation.examples
    assert upper.ndcg >= middle.ndcg >= lower.ndcg
    by_user = {one.user: one for one in naive.Likes(ranked).warm()}
    ids = ranked.catalogue.encoder.user_ids
    every = [naive.ndcg_at_10(_scores(ranked)["model"], [one]) for one in by_user.values()]
    assert middle.ndcg == pytest.approx(np.median(every), abs=0.02)
    items = ranked.catalogue.item_names(np.arange(ranked.catalogue.items))
    for example in evaluation.examples:
        asked = by_user[ids.index(example.user)]
        assert example.wanted == len(asked.wanted)
        assert list(example.history) == [items[item] for item in asked.history[::-1][:10]]
        assert [hit for _, hit in example.shown] == [
            items.index(name) in asked.wanted for name, _ in example.shown
        ]
        assert not {items.index(name) for name, _ in example.shown} & asked.hidden
