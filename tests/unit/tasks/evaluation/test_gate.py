"""The gate: which model may be deployed."""

from typing import Any

import numpy as np
import pytest

from fm.model import Model
from tasks.evaluation import gate
from tasks.evaluation.baselines import Rows
from tasks.evaluation.scores import Evaluation
from tasks.run.errors import ModelRejected
from tasks.run.execution_input import Gate


def _difference(by: float, width: float = 0.01) -> dict[str, float]:
    return {"by": by, "low": by - width, "high": by + width}


def _evaluation(model: float, baseline: float, live: float | None = None) -> dict[str, Any]:
    others = {"baseline": baseline, "constant": 0.5} | ({} if live is None else {"live": live})
    auc = {
        "model": {"auc": model},
        **{other: {"auc": value} for other, value in others.items()},
        "intervals": {"model": {"auc": [model - 0.01, model + 0.01]}},
        "differences": {
            other: {"auc": _difference(model - value)} for other, value in others.items()
        },
    }
    return {"predictor_type": "binary_classifier", "rows": 1000, **auc, "ranking": {"users": 0}}


def test_a_model_surely_better_than_the_baseline_passes_with_its_numbers() -> None:
    decision = gate.decide(Gate(), _evaluation(0.8, 0.7))
    assert decision["accepted"]
    assert (decision["metric"], decision["model"], decision["baseline"]) == ("auc", 0.8, 0.7)
    assert decision["baseline_difference"]["low"] == pytest.approx(0.09)


@pytest.mark.parametrize("model", [0.5, 0.7, 0.705])
def test_a_model_that_may_be_no_better_than_the_baseline_is_rejected(model: float) -> None:
    with pytest.raises(ModelRejected, match=r"popularity baseline's 0\.7000 .*95 % interval"):
        gate.decide(Gate(), _evaluation(model, 0.7))


@pytest.mark.parametrize(("model", "accepted"), [(0.48, False), (0.5, False), (0.52, True)])
def test_a_baseline_worse_than_chance_is_no_excuse(model: float, accepted: bool) -> None:
    found = gate.verdict(Gate(), _evaluation(model, 0.3))
    assert found["accepted"] == accepted
    assert ("it does not surely beat the mean label's 0.5000" in found["summary"]) != accepted


def test_ratings_that_are_noise_are_rejected_though_popularity_is_worse(prepared: Any) -> None:
    rng = np.random.default_rng(1)
    train, test = (
        Rows(part.features, rng.normal(3, 1, len(part.labels)).astype(np.float32))
        for part in (prepared.train, prepared.test)
    )
    d = train.features.shape[1]
    nothing = np.zeros(d, np.float32)
    model = Model(3.0, nothing, np.zeros((d, 1), np.float32), "regressor")
    evaluation = Evaluation(model, train, test, prepared.catalogue).measure()
    assert evaluation["differences"]["baseline"]["rmse"]["low"] > 0
    with pytest.raises(ModelRejected, match="does not surely beat the mean label's"):
        gate.decide(Gate(), evaluation)


def test_noise_is_rejected_by_the_default_gate(prepared: Any) -> None:
    noise = Evaluation(
        prepared.model(noise=True), prepared.train, prepared.test, prepared.catalogue
    )
    with pytest.raises(ModelRejected, match="does not surely beat"):
        gate.decide(Gate(), noise.measure())


def test_the_baseline_can_be_left_out() -> None:
    gate.decide(Gate(must_beat_baseline=False), _evaluation(0.5, 0.7))


def test_a_model_below_the_minimum_is_rejected_with_both_numbers() -> None:
    with pytest.raises(ModelRejected, match=r"is 0\.8000, but the gate asks for 0\.85; nothing"):
        gate.decide(Gate(minimum=0.85), _evaluation(0.8, 0.7))


def test_for_a_loss_the_minimum_is_the_largest_value() -> None:
    evaluation = _evaluation(0.8, 0.7)
    evaluation["model"]["log_loss"] = 0.5
    gate.decide(Gate(metric="log_loss", minimum=0.55, must_beat_baseline=False), evaluation)
    with pytest.raises(ModelRejected):
        gate.decide(Gate(metric="log_loss", minimum=0.45, must_beat_baseline=False), evaluation)


def test_a_model_surely_worse_than_the_live_one_is_rejected() -> None:
    with pytest.raises(ModelRejected, match=r"surely worse than the live model's 0\.8500"):
        gate.decide(Gate(), _evaluation(0.8, 0.7, live=0.85))


@pytest.mark.parametrize(("live", "accepted"), [(0.801, True), (0.81, False)])
def test_what_two_trainings_of_the_same_data_differ_by_is_not_worse(
    live: float, accepted: bool
) -> None:
    evaluation = _evaluation(0.8, 0.7, live)
    evaluation["differences"]["live"]["auc"] = _difference(0.8 - live, width=0.0001)
    assert gate.verdict(Gate(), evaluation)["accepted"] == accepted


@pytest.mark.parametrize("live", [0.7, 0.8, 0.805])
def test_a_model_that_may_be_as_good_as_the_live_one_passes(live: float) -> None:
    assert gate.decide(Gate(), _evaluation(0.8, 0.7, live))["live"] == live


def test_a_gain_over_the_live_model_can_be_asked_for() -> None:
    wanted = Gate(must_beat_live_by=0.02)
    gate.decide(wanted, _evaluation(0.83, 0.7, live=0.8))
    with pytest.raises(ModelRejected, match=r"does not beat the live model's .* by 0\.02"):
        gate.decide(wanted, _evaluation(0.81, 0.7, live=0.8))


def test_a_loss_against_the_live_model_can_be_allowed() -> None:
    gate.decide(Gate(must_beat_live_by=-0.1), _evaluation(0.8, 0.7, live=0.85))


def test_without_a_live_model_nothing_has_to_be_gained() -> None:
    gate.decide(Gate(must_beat_live_by=0.02), _evaluation(0.8, 0.7))


def test_a_metric_of_the_lists_can_decide() -> None:
    evaluation = _evaluation(0.8, 0.7)
    evaluation["ranking"] = {
        "users": 10,
        "model": {"ndcg@10": 0.3},
        "baseline": {"ndcg@10": 0.2},
        "differences": {"baseline": {"ndcg@10": _difference(0.1)}},
    }
    assert gate.decide(Gate(metric="ndcg@10"), evaluation)["model"] == 0.3


def test_lists_that_nobody_could_judge_reject() -> None:
    with pytest.raises(ModelRejected, match="ndcg@10 is not defined"):
        gate.decide(Gate(metric="ndcg@10"), _evaluation(0.8, 0.7))


def test_an_undefined_metric_is_rejected() -> None:
    evaluation = _evaluation(0.8, 0.7)
    evaluation["model"]["auc"] = None
    with pytest.raises(ModelRejected, match="auc is not defined"):
        gate.decide(Gate(), evaluation)


def test_a_comparison_that_is_not_defined_is_rejected() -> None:
    evaluation = _evaluation(0.8, 0.7)
    evaluation["differences"]["baseline"]["auc"] = {"by": 0.1, "low": None, "high": None}
    with pytest.raises(ModelRejected, match="cannot be compared"):
        gate.decide(Gate(), evaluation)
