"""An execution is followed through the states that a person waits for."""

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from commands import execution
from commands.execution import PHASES, Output, show_verdict

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:mine"


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


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """What Step Functions answers, one after the other, without waiting in between."""
    client = boto3.client("stepfunctions", region_name="us-east-1")
    monkeypatch.setattr(boto3, "client", lambda _service: client)
    monkeypatch.setattr(execution, "VISIBLE_WAIT_SECONDS", 0.0)
    with Stubber(client) as stubber:
        stubber.add_response(
            "start_execution", {"executionArn": ARN, "startDate": datetime.now(UTC)}
        )
        yield stubber
        stubber.assert_no_pending_responses()


def test_an_execution_that_is_not_visible_yet_is_waited_for(answers: Stubber) -> None:
    answers.add_client_error("describe_execution", "ExecutionDoesNotExist")
    answers.add_client_error("describe_execution", "ExecutionDoesNotExist")
    found = {"executionArn": ARN, "stateMachineArn": ARN, "status": "RUNNING"}
    answers.add_response("describe_execution", found | {"startDate": datetime.now(UTC)})
    assert execution.start(ARN, {}) == ARN


def test_an_execution_that_never_becomes_visible_is_an_error(
    answers: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "VISIBLE_ATTEMPTS", 2)
    for _ in range(2):
        answers.add_client_error("describe_execution", "ExecutionDoesNotExist")
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        execution.start(ARN, {})
