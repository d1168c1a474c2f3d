"""An execution is followed through the states that a person waits for."""

import pytest

from commands.execution import PHASES, Output, show_verdict


def test_polling_and_notifying_are_no_steps_of_their_own() -> None:
    assert sorted(PHASES) == [
        "DeployModel",
        "EvaluateModel",
        "GateModel",
        "PrepareByTime",
        "PrepareData",
        "PublishRecommendations",
        "RollBackModel",
        "TrainByTime",
        "TrainModel",
        "VerifyEndpoint",
        "VerifyRollBack",
    ]


def test_a_gate_that_is_not_enforced_has_the_last_word(capsys: pytest.CaptureFixture[str]) -> None:
    show_verdict({"gate": {"enforced": False, "summary": "the labels are noise: auc is 0.4"}})
    assert capsys.readouterr().out == "The labels are noise: auc is 0.4.\n"


@pytest.mark.parametrize("output", [{}, {"gate": {"enforced": True, "summary": "auc is 0.8"}}])
def test_what_a_gate_has_let_pass_needs_no_words(
    capsys: pytest.CaptureFixture[str], output: Output
) -> None:
    show_verdict(output)
    assert capsys.readouterr().out == ""
