"""The lab's data, whose labels are noise: what the gate says of them, and what comes after them."""

from typing import Any

import pytest

from data_prep import synthetic
from data_prep.settings import PrepareSettings
from tasks.evaluation import gate
from tasks.evaluation.contenders import Contender, Live
from tasks.evaluation.measurements import Measurements
from tasks.evaluation.translation import Translation
from tasks.preparing.requests import LAB_COLUMNS
from tasks.run import execution_input
from tasks.run.errors import ModelRejected
from tests.unit.tasks.conftest import PreparedRun

SOURCE = {"uri": "s3://bucket/raw/ratings.csv"}
CLASSIFY = {"purpose": "classification"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    folder = tmp_path_factory.mktemp("lab")
    synthetic.lab(folder / "lab.csv")
    settings = PrepareSettings(columns=LAB_COLUMNS)
    return PreparedRun.of(folder / "lab.csv", folder / "data", settings)


@pytest.fixture(scope="module")
def measurements(lab: PreparedRun) -> Measurements:
    return lab.evaluated(lab.model()).measurements


def test_an_empty_input_lets_the_labs_model_pass_and_says_why_it_should_not(
    measurements: Measurements,
) -> None:
    with pytest.raises(ModelRejected) as refusal:
        gate.decide(execution_input.parse({"source": SOURCE, **CLASSIFY}), measurements)
    decision = gate.decide(execution_input.parse({}), measurements)
    assert (decision["accepted"], decision["enforced"]) == (False, False)
    sentence = str(refusal.value).removesuffix("; nothing was deployed")
    assert decision["summary"] == (
        "the lab's labels are pure noise, from which nothing can be learned, and the gate would "
        f"have refused this model: {sentence}"
    )


@pytest.mark.parametrize(
    "rule", [{}, {"must_beat_baseline": True}, {"must_beat_baseline": False, "minimum": 0.9}]
)
def test_a_gate_that_is_given_is_enforced_without_a_source_too(
    measurements: Measurements, rule: dict[str, object]
) -> None:
    with pytest.raises(ModelRejected, match="pure noise, from which nothing can be learned: auc"):
        gate.decide(execution_input.parse({"gate": rule}), measurements)


def test_an_open_gate_accepts_the_labs_model_and_calls_its_labels_noise(
    measurements: Measurements,
) -> None:
    opened = execution_input.parse({"gate": {"must_beat_baseline": False}})
    decision = gate.decide(opened, measurements)
    assert (decision["accepted"], decision["enforced"]) == (True, True)
    assert decision["summary"].startswith("the lab's labels are pure noise, from which nothing")


@pytest.mark.parametrize("other", [{}, {"deploy": False}, {"purpose": "ranking"}])
def test_with_a_source_every_gate_is_enforced(other: dict[str, object]) -> None:
    assert execution_input.parse({"source": SOURCE, **other}).enforces_gate
    assert not execution_input.parse(other).enforces_gate


def test_a_live_model_of_noise_keeps_no_real_one_from_replacing_it(
    lab: PreparedRun, prepared: Any
) -> None:
    noise = Contender(lab.model(), Translation.load(prepared.data, lab.data))
    evaluation = prepared.evaluated(prepared.model(), Live(noise))
    settings = execution_input.parse({"source": SOURCE, **CLASSIFY})
    decision = gate.decide(settings, evaluation.measurements)
    assert decision["live"] is not None
    assert decision["live"] < 0.6 < 0.7 < (decision["model"] or 0)
