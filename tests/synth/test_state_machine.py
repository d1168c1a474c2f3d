"""The state machine: every task can fail well, and every state can be reached."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from contract import states
from tasks.rollout.polling import FIRST_WAIT_SECONDS, next_wait_seconds
from tests.synth.conftest import Definition

TRAINING = [states.TRAIN_MODEL, states.TRAIN_BY_TIME]
TASKS = {*states.HANDLERS, *TRAINING} - {"NotifyFailure"}
BY_TIME = {"PrepareByTime", "TrainByTime"}
ROLLS_BACK = {"VerifyEndpoint": "RollBackModel", "DescribeDeployment": "RollBackModel"}


LAMBDA_IS_BUSY = {
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    states.SERVICE_UNAVAILABLE,
}


def _next(state: dict[str, Any]) -> Iterator[str]:
    for key in ("Next", "Default"):
        if key in state:
            yield state[key]
    for branch in (*state.get("Choices", []), *state.get("Catch", [])):
        yield branch["Next"]


def test_the_tasks_are_those_of_the_contract(definition: Definition) -> None:
    tasks = {name for name, state in definition["States"].items() if state["Type"] == "Task"}
    assert tasks == TASKS | {"NotifyFailure"}


@pytest.mark.parametrize("state", states.HANDLERS)
def test_a_state_invokes_the_handler_of_the_contract(
    definition: Definition, templates: dict[str, Any], state: str
) -> None:
    invoked = definition["States"][state]["Resource"]
    (handler,) = [
        resource["Properties"]["Handler"]
        for name, resource in templates["pipeline"]["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function" and f"_{name}_" in invoked
    ]
    assert handler == f"tasks.{states.HANDLERS[state]}.handler"


def test_a_handler_has_the_time_that_its_state_waits(
    definition: Definition, templates: dict[str, Any]
) -> None:
    timeouts = {
        resource["Properties"]["Timeout"]
        for name, resource in templates["pipeline"]["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
        and name.startswith("Tasks")
        and resource["Properties"]["Handler"] != "tasks.recommend.handler"
    }
    assert timeouts == {states.TASK_TIMEOUT_SECONDS}
    assert definition["States"]["PrepareData"]["TimeoutSeconds"] == states.TASK_TIMEOUT_SECONDS


def test_every_state_is_reached_and_every_way_ends(definition: Definition) -> None:
    by_name = definition["States"]
    reached, rest = set(), [definition["StartAt"]]
    while rest:
        name = rest.pop()
        if name not in reached:
            reached.add(name)
            rest += _next(by_name[name])
    assert reached == set(by_name)
    for name, state in by_name.items():
        assert state["Type"] in {"Succeed", "Fail"} or list(_next(state)), name


def test_the_states_follow_each_other_as_the_design_says(definition: Definition) -> None:
    by_name = definition["States"]
    for before, after in pairwise(["PrepareData", "TrainModel", "AlsoByTime"]):
        assert by_name[before]["Next"] == after
    for before, after in pairwise(["PrepareByTime", "TrainByTime", "EvaluateModel", "GateModel"]):
        assert by_name[before]["Next"] == after
    assert by_name["VerifyEndpoint"]["Next"] == "PublishRecommendations"


def test_a_second_model_is_trained_where_nothing_speaks_against_it(definition: Definition) -> None:
    also = definition["States"]["AlsoByTime"]
    (choice,) = also["Choices"]
    assert choice == {
        "Variable": "$.prepared.not_by_time",
        "IsNull": True,
        "Next": "PrepareByTime",
    }
    assert also["Default"] == "EvaluateModel"


@pytest.mark.parametrize("task", sorted(BY_TIME))
def test_a_second_model_that_fails_does_not_fail_the_run(definition: Definition, task: str) -> None:
    state = definition["States"][task]
    assert state["TimeoutSeconds"] > 0
    assert state["Catch"] == [
        {
            "ErrorEquals": ["States.ALL"],
            "ResultPath": "$.by_time.failure",
            "Next": "EvaluateModel",
        }
    ]


@pytest.mark.parametrize("task", sorted(TASKS - BY_TIME))
def test_a_task_has_a_timeout_and_ends_a_failure_in_a_notice(
    definition: Definition, task: str
) -> None:
    state = definition["States"][task]
    assert state["TimeoutSeconds"] > 0
    catch = state["Catch"][-1]
    assert catch == {
        "ErrorEquals": ["States.ALL"],
        "ResultPath": "$.failure",
        "Next": ROLLS_BACK.get(task, "NotifyFailure"),
    }


@pytest.mark.parametrize("task", sorted(TASKS | {"NotifyFailure"}))
def test_a_task_retries_what_is_transient_and_nothing_else(
    definition: Definition, task: str
) -> None:
    retried = {
        name for retry in definition["States"][task]["Retry"] for name in retry["ErrorEquals"]
    }
    assert retried
    assert not retried & {"States.ALL", "States.TaskFailed", "States.Timeout"}


def _waits(state: dict[str, Any]) -> dict[str, float]:
    """Return for how many seconds a state tries again, by the name of the error."""
    return {
        name: sum(
            min(
                retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt,
                retry.get("MaxDelaySeconds", float("inf")),
            )
            for attempt in range(retry["MaxAttempts"])
        )
        for retry in state["Retry"]
        for name in retry["ErrorEquals"]
    }


@pytest.mark.parametrize("state", states.HANDLERS)
def test_a_function_waits_half_an_hour_for_lambda_that_is_busy(
    definition: Definition, state: str
) -> None:
    waits = _waits(definition["States"][state])
    assert {name for name, wait in waits.items() if 30 * 60 <= wait <= 31 * 60} >= LAMBDA_IS_BUSY
    assert waits["Lambda.AWSLambdaException"] <= 30


def test_the_history_of_the_longest_execution_stays_below_10_000_events(
    definition: Definition,
) -> None:
    by_name, events = definition["States"], 0
    for name, state in by_name.items():
        events += 5  # entered, scheduled, started, succeeded, exited
        events += sum(3 * retry["MaxAttempts"] for retry in state.get("Retry", []))
        if state["Type"] == "Wait":
            deployment = {"WaitForDeployment": "deployment", "WaitForRollBack": "roll_back"}[name]
            assert state["SecondsPath"] == f"$.{deployment}.status.wait_seconds"
            wait, waited = FIRST_WAIT_SECONDS, 0
            while waited < definition["TimeoutSeconds"]:
                events, waited, wait = events + 9, waited + wait, next_wait_seconds(wait)
    assert events < 10_000


def test_no_function_takes_its_concurrency_from_the_others(templates: dict[str, Any]) -> None:
    for resource in templates["pipeline"]["Resources"].values():
        assert "ReservedConcurrentExecutions" not in resource.get("Properties", {})


def test_training_waits_minutes_for_an_instance_and_seconds_for_the_api(
    definition: Definition,
) -> None:
    waits = _waits(definition["States"]["TrainModel"])
    assert waits["SageMaker.ResourceLimitExceededException"] == 30 * 60
    assert waits["SageMaker.AmazonSageMakerException"] <= 30


def test_a_failed_run_ends_with_the_error_and_cause_that_the_notice_gave(
    definition: Definition,
) -> None:
    by_name = definition["States"]
    assert by_name["NotifyFailure"]["Next"] == "Failed"
    assert by_name["Failed"] == {
        "Type": "Fail",
        "ErrorPath": "$.failure.error",
        "CausePath": "$.failure.cause",
    }


@pytest.mark.parametrize("state", TRAINING)
def test_a_retried_or_redriven_training_job_gets_a_new_name(
    definition: Definition, state: str
) -> None:
    name = definition["States"][state]["Parameters"]["TrainingJobName.$"]
    assert name.endswith("job_name_prefix, $$.Execution.RedriveCount, $$.State.RetryCount)")
    assert "'{}-{}-{}'" in name


def test_the_second_job_differs_by_what_is_trained_on_alone(definition: Definition) -> None:
    first, second = (definition["States"][state] for state in TRAINING)
    text = json.dumps(second["Parameters"])
    assert text.replace("$.by_time.", "$.prepared.") == json.dumps(first["Parameters"])
    assert "$.by_time.job_name_prefix" in second["Parameters"]["TrainingJobName.$"]
    assert second["ResultPath"] == "$.by_time.trained"


@pytest.mark.parametrize("state", TRAINING)
def test_training_reads_recordio_with_the_tests_channel(definition: Definition, state: str) -> None:
    channels = definition["States"][state]["Parameters"]["InputDataConfig"]
    assert [channel["ChannelName"] for channel in channels] == ["train", "test"]
    assert {channel["ContentType"] for channel in channels} == {"application/x-recordio-protobuf"}


def test_a_given_model_goes_straight_to_deployment(definition: Definition) -> None:
    (choice,) = definition["States"]["GivenModel"]["Choices"]
    artifact = "$.input.model_data_url"
    assert choice["And"] == [
        {"Variable": artifact, "IsPresent": True},
        {"Variable": artifact, "IsNull": False},
    ]
    assert choice["Next"] == "DeployModel"


def test_a_run_that_wants_no_deployment_ends_after_the_gate(definition: Definition) -> None:
    (choice,) = definition["States"]["WantsDeployment"]["Choices"]
    assert choice["BooleanEquals"] is False
    assert choice["Next"] == "EvaluatedOnly"
