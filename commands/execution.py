"""An execution of the state machine: started, and followed state by state."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, NotRequired, TypeAlias, TypedDict, cast

import boto3
from rich.markup import escape

from commands.console import CommandError, console, step
from contract import states
from data_prep.settings import Purpose

# A JSON object, such as an execution's input; the state machine checks what is in it.
JsonObject: TypeAlias = Mapping[str, object]
# A metric is None where it is not defined, such as the AUC of a single class.
Metrics: TypeAlias = Mapping[str, float | None]

FIRST_POLL_SECONDS, LAST_POLL_SECONDS = 0.2, 5.0  # long waits poll less, for the API's quota
VISIBLE_ATTEMPTS, VISIBLE_WAIT_SECONDS = 30, 1.0
# The states that a person waits for; every other state counts as part of the one before it.
_POLLING = {"DescribeDeployment", "DescribeRollBack"}
PHASES = {states.TRAIN_MODEL, states.TRAIN_BY_TIME, *states.HANDLERS} - _POLLING - {"NotifyFailure"}


class Ranking(TypedDict):
    """How good the lists are, by the systems that make them.

    Attributes:
        users: the number of users whose lists are judged.
        items: the number of items that compete.
        model: the metrics of the trained model's lists; the systems are missing when there was
            nobody to judge by, and `ease` and `item_knn` where they make no lists.
        baseline: those of popularity.
        by_time: the same of the second model, which was trained by time.
        not_by_time: why there is none.
    """

    users: int
    items: int
    by_time: NotRequired["Ranking"]
    not_by_time: NotRequired[str]
    model: NotRequired[Metrics]
    ease: NotRequired[Metrics]
    item_knn: NotRequired[Metrics]
    baseline: NotRequired[Metrics]


class Evaluation(TypedDict):
    """The part of EvaluateModel's result that the commands show.

    Attributes:
        purpose: what the model is for.
        rows: the number of held-out rows.
        ranking: how good its lists are.
        model: the trained model's metrics on the rows.
        baseline: those of the popularity baseline.
        report_uri: the S3 URI of the report.
    """

    purpose: Purpose
    rows: int
    ranking: Ranking
    model: Metrics
    baseline: Metrics
    report_uri: str


class Verdict(TypedDict):
    """The part of GateModel's result that the commands show.

    Attributes:
        enforced: false for the lab's data, unless the input has a gate.
        summary: what the gate makes of the model, in a sentence.
    """

    enforced: bool
    summary: str


class Output(TypedDict):
    """The output of an execution; one that deploys an earlier model evaluates nothing."""

    evaluation: NotRequired[Evaluation]
    gate: NotRequired[Verdict]


def start(state_machine_arn: str, execution_input: JsonObject) -> str:
    """Start an execution and return its ARN."""
    response = boto3.client("stepfunctions").start_execution(
        stateMachineArn=state_machine_arn, input=json.dumps(execution_input)
    )
    execution_arn = str(response["executionArn"])
    _wait_until_visible(execution_arn)
    return execution_arn


def _wait_until_visible(execution_arn: str) -> None:
    """Wait until DescribeExecution finds an execution that was started, which may take a moment."""
    states_client = boto3.client("stepfunctions")
    for _ in range(VISIBLE_ATTEMPTS - 1):
        try:
            states_client.describe_execution(executionArn=execution_arn)
        except states_client.exceptions.ExecutionDoesNotExist:
            time.sleep(VISIBLE_WAIT_SECONDS)
        else:
            return
    states_client.describe_execution(executionArn=execution_arn)


def follow(execution_arn: str) -> Output:
    """Show each state with its time until the execution ends, and return its output.

    Raises:
        CommandError: the execution did not succeed; the message has its error and cause.
    """
    phases = _phases(execution_arn)
    phase = next(phases, None)
    while phase is not None:
        with step(phase):
            phase = next(phases, None)
            if phase is None:
                output = _output(execution_arn)
    return output


def show_verdict(output: Output) -> None:
    """Print what a gate that is not enforced makes of the model; one that is has let it pass."""
    if "gate" in output and not output["gate"]["enforced"]:
        summary = output["gate"]["summary"]
        console.print(escape(f"{summary[0].upper()}{summary[1:]}."))


def _phases(execution_arn: str) -> Iterator[str]:
    """Yield each phase as the execution enters it; end with the execution."""
    seen, ended, wait = 0, False, FIRST_POLL_SECONDS
    phase = "start an execution"
    yield phase
    while not ended:
        ended = _describe(execution_arn)["status"] != "RUNNING"
        entered = _entered_states(execution_arn)
        for state in entered[seen:]:
            if state in PHASES and state != phase:
                phase = state
                yield phase
        seen = len(entered)
        if not ended:
            time.sleep(wait)
            wait = min(LAST_POLL_SECONDS, wait * 1.05)


def _entered_states(execution_arn: str) -> list[str]:
    paginator = boto3.client("stepfunctions").get_paginator("get_execution_history")
    pages = paginator.paginate(executionArn=execution_arn, includeExecutionData=False)
    events = (event for page in pages for event in page["events"])
    details = (event.get("stateEnteredEventDetails") for event in events)
    return [state["name"] for state in details if state]


def _output(execution_arn: str) -> Output:
    execution = _describe(execution_arn)
    if execution["status"] != "SUCCEEDED":
        error = execution.get("error", execution["status"])
        raise CommandError(f"the execution ended with {error}: {execution.get('cause', '')}")
    return cast(Output, json.loads(execution["output"]))


def _describe(execution_arn: str) -> Any:
    """Return an execution's description as boto3 gives it (untyped)."""
    return boto3.client("stepfunctions").describe_execution(executionArn=execution_arn)
