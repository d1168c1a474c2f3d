"""Evaluation of a model beside what it must beat."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fm import metrics, scoring
from tasks.evaluation.contenders import Contender, Live
from tasks.evaluation.evaluation import Evaluation
from tasks.evaluation.measurements import Measurements
from tasks.evaluation.translation import Translation
from tasks.run.errors import ModelRejected
from tasks.run.rows import Rows

SYSTEMS = {"model", "baseline", "bias_only"}


@pytest.fixture(scope="module")
def evaluation(prepared: Any, earlier: Any) -> Evaluation:
    live = Contender(earlier.model(noise=True), Translation.load(prepared.data, earlier.data))
    evaluation: Evaluation = prepared.evaluated(prepared.model(), Live(live))
    return evaluation


@pytest.fixture(scope="module")
def measured(evaluation: Evaluation) -> dict[str, Any]:
    return _document(evaluation)


def _document(evaluation: Evaluation) -> dict[str, Any]:
    """What metrics.json holds."""
    return dict(evaluation.measurements.document())


def test_the_model_is_measured_on_the_test_rows(prepared: Any, measured: dict[str, Any]) -> None:
    probabilities = scoring.scores(prepared.model(), prepared.test.features)
    labels = prepared.test.labels
    assert measured["rows"] == len(labels) == 800
    for metric in ("auc", "log_loss"):
        expected = getattr(metrics, metric)(labels, probabilities)
        assert measured["model"][metric] == pytest.approx(expected, abs=1e-6)


def test_every_system_is_measured_by_every_metric_with_an_interval(
    measured: dict[str, Any],
) -> None:
    for system in (*SYSTEMS, "live"):
        assert set(measured[system]) == {"auc", "log_loss", "accuracy", "f1", "ece"}
        for metric in ("auc", "log_loss", "accuracy", "f1"):
            low, high = measured["intervals"][system][metric]
            assert low < measured[system][metric] < high


def test_a_difference_says_by_how_much_the_model_is_better(measured: dict[str, Any]) -> None:
    losses = measured["differences"]["live"]["log_loss"]
    by = measured["live"]["log_loss"] - measured["model"]["log_loss"]
    assert losses["by"] == pytest.approx(by, abs=2e-6)
    assert 0 < losses["low"] < losses["by"] < losses["high"]


def test_equal_systems_do_not_differ(measured: dict[str, Any]) -> None:
    for difference in measured["differences"]["bias_only"].values():
        assert difference == {"by": 0, "low": 0, "high": 0}


def test_the_constant_is_trainings_mean_label(prepared: Any, measured: dict[str, Any]) -> None:
    assert measured["constant"]["auc"] == 0.5
    labels = prepared.test.labels
    mean = np.full(len(labels), prepared.train.labels.mean(), np.float32)
    assert measured["constant"]["log_loss"] == pytest.approx(metrics.log_loss(labels, mean))


def test_held_out_interactions_of_unknown_users_alone_make_no_lists(prepared: Any) -> None:
    unknown = replace(prepared.held_out, users=np.full(len(prepared.held_out.users), -1))
    measured = _document(prepared.evaluated(prepared.model(), held_out=unknown))
    assert measured["ranking"]["users"] == 0
    assert not SYSTEMS & set(measured["ranking"])
    assert measured["model"]["auc"] is not None


def test_lists_are_measured_for_every_system(measured: dict[str, Any]) -> None:
    table = measured["ranking"]
    assert table["items"] == 80
    assert 0 < table["users"] <= 120
    for system in (*SYSTEMS, "live"):
        assert {"ndcg@10", "recall@5", "map@20", "coverage@10", "novelty@10"} <= set(table[system])
        assert set(table["intervals"][system]) == set(table[system])
        for metric in ("hit_rate@10", "novelty@10"):
            low, high = table["intervals"][system][metric]
            assert low <= table[system][metric] <= high
    assert 0 < table["overlap_with_live@10"] < 1


def test_popular_items_fill_the_popularity_lists(measured: dict[str, Any]) -> None:
    table = measured["ranking"]
    assert table["baseline"]["novelty@10"] < table["live"]["novelty@10"]


def test_the_gate_reads_what_the_evaluation_wrote(evaluation: Evaluation) -> None:
    written: Any = json.loads(json.dumps(evaluation.measurements.document()))
    assert Measurements.from_document(written) == evaluation.measurements


def test_the_result_is_small_and_plain_json(measured: dict[str, Any]) -> None:
    assert len(json.dumps(measured, allow_nan=False)) < 20_000


def test_what_makes_no_lists_is_named_with_the_reason(prepared: Any) -> None:
    evaluation = prepared.evaluated(prepared.model(), Live(why_not="it is a regressor"))
    assert set(evaluation.scores) == {*SYSTEMS, "constant"}
    reasons = _document(evaluation)["ranking"]["not_compared"]
    assert reasons["live"] == "it is a regressor"
    assert "only a run for ranking" in reasons["ease"]


def test_only_a_run_for_ranking_has_strangers_and_examples(evaluation: Evaluation) -> None:
    assert "strangers" not in _document(evaluation)["ranking"]
    assert not evaluation.examples


def test_a_regressor_is_measured_by_its_errors(prepared: Any) -> None:
    model = prepared.model("regressor")
    measured = _document(prepared.evaluated(model))
    assert set(measured["model"]) == {"rmse", "mae"}
    assert measured["ranking"]["users"] > 0


def test_one_class_only_leaves_auc_undefined(prepared: Any) -> None:
    positive = prepared.test.labels == 1
    test = Rows(prepared.test.features[positive], prepared.test.labels[positive])
    measured = _document(prepared.evaluated(prepared.model(), test=test))
    assert measured["model"]["auc"] is None
    assert measured["model"]["log_loss"] > 0


@pytest.mark.parametrize("predictor_type", ["binary_classifier", "regressor"])
def test_a_model_that_diverged_is_rejected(prepared: Any, predictor_type: str) -> None:
    model = prepared.model(predictor_type)
    model.linear[prepared.test.features.indices[0]] = np.nan
    with pytest.raises(
        ModelRejected, match="of 800 held-out rows are not finite: training diverged"
    ):
        prepared.evaluated(model)
