"""States of Step Functions that run functions in the local account, as AWS runs them."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

FUNCTION = "answers"


@pytest.fixture(scope="module")
def machine(client: Callable[..., Any], make_role: Callable[..., str]) -> str:
    """Make a state machine that runs a function, and return its ARN."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def handler(event, context):\n    return event\n")
    arn = client("lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Handler="code.handler",
        Role=make_role("answers", "lambda.amazonaws.com"),
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn}
    task = {
        "Type": "Task",
        "Resource": arn,
        "Parameters": {"redrives.$": "$$.Execution.RedriveCount"},
        "End": True,
    }
    return str(
        client("stepfunctions").create_state_machine(
            name=FUNCTION,
            definition=json.dumps({"StartAt": "Ask", "States": {"Ask": task}}),
            roleArn=make_role("asks", "states.amazonaws.com", allowed),
        )["stateMachineArn"]
    )


def test_a_state_knows_how_often_its_execution_was_redriven(
    client: Callable[..., Any], machine: str
) -> None:
    ended = _run(client("stepfunctions"), machine)
    assert json.loads(ended["output"]) == {"redrives": 0}


def _run(states: Any, machine: str) -> dict[str, Any]:
    return _ended(states, states.start_execution(stateMachineArn=machine)["executionArn"])


def _ended(states: Any, execution: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        described: dict[str, Any] = states.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            return described
        time.sleep(0.1)
    raise TimeoutError(execution)


@pytest.fixture
def throttle(client: Callable[..., Any]) -> Any:
    """Lambda runs the function not even once at a time."""
    functions = client("lambda")
    functions.put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=0)
    yield functions
    functions.delete_function_concurrency(FunctionName=FUNCTION)


def test_a_throttled_function_fails_its_state_by_the_name_that_aws_gives(
    client: Callable[..., Any], machine: str, throttle: Any
) -> None:
    with pytest.raises(throttle.exceptions.TooManyRequestsException):
        throttle.invoke(FunctionName=FUNCTION)
    ended = _run(client("stepfunctions"), machine)
    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.TooManyRequestsException")
