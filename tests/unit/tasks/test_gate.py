"""The gate: which model may be deployed."""

from typing import Any

import pytest

from tasks import gate
from tasks.errors import InvalidInputError, ModelRejected
from tasks.execution_input import Gate


def _evaluation(model: float, baseline: float, **others: float) -> dict[str, Any]:
    return {
        "predictor_type": "binary_classifier",
        "rows": 1000,
        "model": {"auc": model, **others},
        "baseline": {"auc": baseline, **others},
    }


def test_a_model_better_than_the_baseline_passes_with_its_numbers() -> None:
    decision = gate.decide(Gate(), _evaluation(0.8, 0.7))
    assert decision == {"metric": "auc", "model": 0.8, "baseline": 0.7, "minimum": None}


@pytest.mark.parametrize("model", [0.5, 0.7])
def test_a_model_no_better_than_the_baseline_is_rejected(model: float) -> None:
    with pytest.raises(ModelRejected, match=r"0\.7000"):
        gate.decide(Gate(), _evaluation(model, 0.7))


def test_the_baseline_can_be_left_out() -> None:
    gate.decide(Gate(must_beat_baseline=False), _evaluation(0.5, 0.7))


def test_a_model_below_the_minimum_is_rejected_with_both_numbers() -> None:
    with pytest.raises(ModelRejected, match=r"is 0\.8000, but the gate asks for 0\.85"):
        gate.decide(Gate(minimum=0.85), _evaluation(0.8, 0.7))


def test_for_a_loss_lower_is_better() -> None:
    evaluation = _evaluation(0.8, 0.7)
    evaluation["model"]["log_loss"], evaluation["baseline"]["log_loss"] = 0.5, 0.6
    gate.decide(Gate(metric="log_loss", minimum=0.55), evaluation)
    with pytest.raises(ModelRejected):
        gate.decide(Gate(metric="log_loss", minimum=0.45), evaluation)


def test_a_metric_of_the_other_predictor_type_is_refused_with_the_right_ones() -> None:
    with pytest.raises(InvalidInputError, match="has no rmse; choose one of auc"):
        gate.decide(Gate(metric="rmse"), _evaluation(0.8, 0.7))


def test_a_model_that_is_not_a_number_is_rejected() -> None:
    with pytest.raises(ModelRejected):
        gate.decide(Gate(), _evaluation(float("nan"), 0.7))
