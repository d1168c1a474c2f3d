"""The gate: which model may be deployed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fm.model import Model
from tasks.evaluation import gate
from tasks.evaluation.comparison import Comparison, Difference, System, SystemMetrics
from tasks.evaluation.measurements import Measurements, Ranking
from tasks.run.errors import ModelRejected
from tasks.run.execution_input import ExecutionInput, Gate, Source
from tasks.run.payloads import Verdict
from tasks.run.rows import Rows

SOURCE = Source(uri="s3://bucket/raw/ratings.csv")


def _decide(rule: Gate, measurements: Measurements) -> Verdict:
    return gate.decide(ExecutionInput(source=SOURCE, gate=rule), measurements)


def _verdict(rule: Gate, measurements: Measurements) -> Verdict:
    return gate.verdict(ExecutionInput(source=SOURCE, gate=rule), measurements)


def _difference(by: float, width: float = 0.01) -> Difference:
    return Difference(by, by - width, by + width)


def _comparison(
    metric: str,
    values: Mapping[System, float | None],
    differences: Mapping[System, Difference] | None = None,
) -> Comparison:
    """One metric of all systems, with intervals of 0.02 except for `differences`."""
    model = values["model"]
    return Comparison(
        {
            system: SystemMetrics(
                {metric: value},
                {metric: (None, None) if value is None else (value - 0.01, value + 0.01)},
                {}
                if system == "model" or model is None or value is None
                else {metric: (differences or {}).get(system, _difference(model - value))},
            )
            for system, value in values.items()
        }
    )


def _measurements(
    model: float | None,
    baseline: float,
    live: float | None = None,
    differences: Mapping[System, Difference] | None = None,
) -> Measurements:
    values: dict[System, float | None] = {"model": model, "baseline": baseline, "constant": 0.5}
    if live is not None:
        values["live"] = live
    scoring = _comparison("auc", values, differences)
    nobody = Ranking(0, 80, Comparison({}))
    return Measurements("classification", "binary_classifier", 1000, scoring, nobody)


def test_a_model_significantly_better_than_the_baseline_passes_with_its_numbers() -> None:
    decision = _decide(Gate(), _measurements(0.8, 0.7))
    assert decision["accepted"]
    assert (decision["metric"], decision["model"], decision["baseline"]) == ("auc", 0.8, 0.7)
    assert decision["baseline_difference"] is not None
    assert decision["baseline_difference"]["low"] == pytest.approx(0.09)


@pytest.mark.parametrize("model", [0.5, 0.7, 0.705])
def test_a_model_that_may_be_no_better_than_the_baseline_is_rejected(model: float) -> None:
    with pytest.raises(ModelRejected, match=r"popularity baseline's 0\.7000 .*95 % interval"):
        _decide(Gate(), _measurements(model, 0.7))


@pytest.mark.parametrize(("model", "accepted"), [(0.48, False), (0.5, False), (0.52, True)])
def test_a_baseline_worse_than_chance_is_no_excuse(model: float, accepted: bool) -> None:
    verdict = _verdict(Gate(), _measurements(model, 0.3))
    reason = "it is not significantly better than the mean label's 0.5000"
    assert verdict["accepted"] == accepted
    assert (reason in verdict["summary"]) != accepted


def test_ratings_that_are_noise_are_rejected_though_popularity_is_worse(prepared: Any) -> None:
    rng = np.random.default_rng(1)
    train, test = (
        Rows(part.features, rng.normal(3, 1, len(part.labels)).astype(np.float32))
        for part in (prepared.train, prepared.test)
    )
    d = train.features.shape[1]
    nothing = np.zeros(d, np.float32)
    model = Model(3.0, nothing, np.zeros((d, 1), np.float32), "regressor")
    measurements = prepared.evaluated(model, train=train, test=test).measurements
    measurements = replace(measurements, purpose="rating")
    to_popularity = measurements.scoring.difference("baseline", "rmse")
    assert to_popularity is not None
    assert to_popularity.low is not None
    assert to_popularity.low > 0
    with pytest.raises(ModelRejected, match="not significantly better than the mean label's"):
        _decide(Gate(), measurements)


def test_noise_is_rejected_by_the_default_gate(prepared: Any) -> None:
    noise = prepared.evaluated(prepared.model(noise=True))
    with pytest.raises(ModelRejected, match="is not significantly better than"):
        _decide(Gate(), noise.measurements)


def test_the_baseline_can_be_left_out() -> None:
    _decide(Gate(must_beat_baseline=False), _measurements(0.5, 0.7))


def test_a_model_below_the_minimum_is_rejected_with_both_numbers() -> None:
    with pytest.raises(ModelRejected, match=r"is 0\.8000, but the gate requires 0\.85; nothing"):
        _decide(Gate(minimum=0.85), _measurements(0.8, 0.7))


def test_for_a_loss_the_minimum_is_the_largest_value() -> None:
    scoring = _comparison("log_loss", {"model": 0.5, "baseline": 0.6})
    measurements = replace(_measurements(0.8, 0.7), scoring=scoring)
    _decide(Gate(metric="log_loss", minimum=0.55, must_beat_baseline=False), measurements)
    with pytest.raises(ModelRejected):
        _decide(Gate(metric="log_loss", minimum=0.45, must_beat_baseline=False), measurements)


def test_a_model_significantly_worse_than_the_live_one_is_rejected() -> None:
    with pytest.raises(
        ModelRejected, match=r"it is significantly worse than the live model's 0\.8500"
    ):
        _decide(Gate(), _measurements(0.8, 0.7, live=0.85))


@pytest.mark.parametrize(("live", "accepted"), [(0.801, True), (0.81, False)])
def test_what_two_trainings_of_the_same_data_differ_by_is_not_worse(
    live: float, accepted: bool
) -> None:
    difference = _difference(0.8 - live, width=0.0001)
    measurements = _measurements(0.8, 0.7, live, {"live": difference})
    assert _verdict(Gate(), measurements)["accepted"] == accepted


@pytest.mark.parametrize("live", [0.7, 0.8, 0.805])
def test_a_model_that_may_be_as_good_as_the_live_one_passes(live: float) -> None:
    assert _decide(Gate(), _measurements(0.8, 0.7, live))["live"] == live


def test_a_gain_over_the_live_model_can_be_required() -> None:
    demanding = Gate(must_beat_live_by=0.02)
    _decide(demanding, _measurements(0.83, 0.7, live=0.8))
    with pytest.raises(ModelRejected, match=r"does not beat the live model's .* by 0\.02"):
        _decide(demanding, _measurements(0.81, 0.7, live=0.8))


def test_a_loss_against_the_live_model_can_be_allowed() -> None:
    _decide(Gate(must_beat_live_by=-0.1), _measurements(0.8, 0.7, live=0.85))


def test_without_a_live_model_nothing_has_to_be_gained() -> None:
    _decide(Gate(must_beat_live_by=0.02), _measurements(0.8, 0.7))


def test_a_metric_of_the_lists_can_decide() -> None:
    ranking = Ranking(10, 80, _comparison("ndcg@10", {"model": 0.3, "baseline": 0.2}))
    decision = _decide(Gate(metric="ndcg@10"), replace(_measurements(0.8, 0.7), ranking=ranking))
    assert decision["model"] == 0.3
    assert decision["summary"].startswith("ndcg@10 on 10 users is 0.3000, against")


def test_lists_that_nobody_could_judge_reject() -> None:
    with pytest.raises(ModelRejected, match="ndcg@10 is not defined"):
        _decide(Gate(metric="ndcg@10"), _measurements(0.8, 0.7))


def test_an_undefined_metric_is_rejected() -> None:
    with pytest.raises(ModelRejected, match="auc is not defined"):
        _decide(Gate(), _measurements(None, 0.7))


def test_a_comparison_that_is_not_defined_is_rejected() -> None:
    measurements = _measurements(0.8, 0.7, differences={"baseline": Difference(0.1, None, None)})
    with pytest.raises(ModelRejected, match="cannot be compared"):
        _decide(Gate(), measurements)


def _lists(
    model: float, others: Mapping[System, float], differences: Mapping[System, Difference]
) -> Measurements:
    comparison = _comparison("ndcg@10", {"model": model, **others}, differences)
    ranking = Ranking(900, 80, comparison)
    return replace(_measurements(0.8, 0.9), purpose="ranking", ranking=ranking)


def test_lists_significantly_better_than_popular_ones_pass() -> None:
    decision = _decide(Gate(), _lists(0.35, {"baseline": 0.17}, {}))
    assert decision["metric"] == "ndcg@10"
    assert decision["summary"] == (
        "ndcg@10 on 900 users is 0.3500, against the popularity baseline's 0.1700 (+0.1800, 95 % "
        "interval +0.1700 to +0.1900)"
    )
    assert decision["better_lists"] == {}


def test_lists_that_may_be_no_better_than_popular_ones_are_rejected() -> None:
    measurements = _lists(0.18, {"baseline": 0.17}, {"baseline": _difference(0.01, 0.02)})
    with pytest.raises(ModelRejected, match="not significantly better than the popularity"):
        _decide(Gate(), measurements)


def test_better_lists_of_ease_are_named_and_do_not_block() -> None:
    others: dict[System, float] = {"baseline": 0.17, "ease": 0.373, "item_knn": 0.3}
    decision = _decide(Gate(), _lists(0.35, others, {}))
    assert decision["accepted"]
    assert decision["summary"].endswith(
        "; EASE makes better lists: 0.3730 (-0.0230, 95 % interval -0.0330 to -0.0130)"
    )
    assert decision["better_lists"] == {"ease": 0.373}


def test_lists_that_may_be_as_good_are_not_called_better() -> None:
    measurements = _lists(0.35, {"baseline": 0.17, "item_knn": 0.355}, {})
    assert "item-kNN's lists are as good: 0.3550" in _decide(Gate(), measurements)["summary"]


def test_a_rejection_names_better_lists_too() -> None:
    verdict = _verdict(Gate(), _lists(0.1, {"baseline": 0.17, "ease": 0.373}, {}))
    assert not verdict["accepted"]
    assert "EASE makes better lists: 0.3730" in verdict["summary"]


def test_the_lists_do_not_matter_to_a_metric_of_rows() -> None:
    measurements = _lists(0.1, {"baseline": 0.17, "ease": 0.373}, {})
    decision = _decide(Gate(metric="auc", must_beat_baseline=False), measurements)
    assert "EASE" not in decision["summary"]
    assert decision["better_lists"] == {}


@pytest.mark.parametrize(
    ("purpose", "values", "accepted"),
    [
        ("classification", {"model": 0.8, "baseline": 0.7, "constant": 0.5}, True),
        ("classification", {"model": 0.7, "baseline": 0.7, "constant": 0.5}, False),
        ("rating", {"model": 0.9, "baseline": 1.0, "constant": 1.1}, True),
        ("rating", {"model": 0.9, "baseline": 0.9, "constant": 1.1}, False),
    ],
)
def test_the_purpose_chooses_the_metric(
    purpose: str, values: dict[System, float | None], accepted: bool
) -> None:
    metric = {"classification": "auc", "rating": "rmse"}[purpose]
    model, sign = values["model"], -1 if metric == "rmse" else 1
    assert model is not None
    differences: dict[System, Difference] = {
        system: _difference(sign * (model - value))
        for system, value in values.items()
        if value is not None and system != "model"
    }
    measurements = replace(
        _measurements(0.8, 0.7), purpose=purpose, scoring=_comparison(metric, values, differences)
    )
    verdict = _verdict(Gate(), measurements)
    assert (verdict["metric"], verdict["accepted"]) == (metric, accepted)


def test_a_model_for_ranking_passes_and_noise_does_not(ranked: Any) -> None:
    good = ranked.evaluated(ranked.group_model()).measurements
    assert _decide(Gate(), good)["metric"] == "ndcg@10"
    with pytest.raises(ModelRejected, match=r"ndcg@10 on \d+ users is .* not significantly"):
        _decide(Gate(), ranked.evaluated(ranked.model(noise=True)).measurements)
