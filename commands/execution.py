"""Starts an execution of the state machine and follows it, state by state."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3

from commands.console import CommandError, step

FIRST_POLL_SECONDS, LAST_POLL_SECONDS = 0.2, 5.0  # the API's quota is for long waits
# The states that a person waits for; all others belong to the one before them.
PHASES = {
    "PrepareData",
    "TrainModel",
    "EvaluateModel",
    "GateModel",
    "DeployModel",
    "VerifyEndpoint",
    "RollBackModel",
    "VerifyRollBack",
    "PublishRecommendations",
}


def start(state_machine_arn: str, execution_input: dict[str, Any]) -> str:
    """Start an execution and return its ARN."""
    answer = boto3.client("stepfunctions").start_execution(
        stateMachineArn=state_machine_arn, input=json.dumps(execution_input)
    )
    return str(answer["executionArn"])


def follow(execution_arn: str) -> dict[str, Any]:
    """Show each state with its time until the execution ends, and return its output.

    Raises:
        CommandError: it did not succeed; with the error and cause that the execution shows.
    """
    phases = _phases(execution_arn)
    phase = next(phases, None)
    while phase is not None:
        with step(phase):
            phase = next(phases, None)
            if phase is None:
                output = _output(execution_arn)
    return output


def _phases(execution_arn: str) -> Iterator[str]:
    """Yield each phase as the execution enters it; end with the execution."""
    seen, ended, wait = 0, False, FIRST_POLL_SECONDS
    phase = "start an execution"
    yield phase
    while not ended:
        ended = _describe(execution_arn)["status"] != "RUNNING"
        events = _history(execution_arn)
        for event in events[seen:]:
            name = event.get("stateEnteredEventDetails", {}).get("name")
            if name in PHASES and name != phase:
                phase = name
                yield phase
        seen = len(events)
        if not ended:
            time.sleep(wait)
            wait = min(LAST_POLL_SECONDS, wait * 1.05)


def _history(execution_arn: str) -> list[dict[str, Any]]:
    paginator = boto3.client("stepfunctions").get_paginator("get_execution_history")
    pages = paginator.paginate(executionArn=execution_arn, includeExecutionData=False)
    return [event for page in pages for event in page["events"]]


def _output(execution_arn: str) -> dict[str, Any]:
    execution = _describe(execution_arn)
    if execution["status"] != "SUCCEEDED":
        error = execution.get("error", execution["status"])
        raise CommandError(f"the execution ended with {error}: {execution.get('cause', '')}")
    output: dict[str, Any] = json.loads(execution["output"])
    return output


def _describe(execution_arn: str) -> dict[str, Any]:
    answer: dict[str, Any] = boto3.client("stepfunctions").describe_execution(
        executionArn=execution_arn
    )
    return answer
