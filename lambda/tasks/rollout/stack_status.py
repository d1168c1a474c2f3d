"""What CloudFormation's answers mean for a deployment; no AWS."""

from collections.abc import Iterable, Mapping
from typing import Any

from tasks.run.errors import DeploymentFailed

PARAMETER = "ModelDataUrl"
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def parameters(stack: Mapping[str, Any], model_data_url: str) -> list[dict[str, Any]]:
    """Return the `Parameters` of UpdateStack: the artifact changes, all others keep their value."""
    others = [entry["ParameterKey"] for entry in stack.get("Parameters", [])]
    kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in others if key != PARAMETER]
    return [{"ParameterKey": PARAMETER, "ParameterValue": model_data_url}, *kept]


def model_data_url(stack: Mapping[str, Any]) -> str:
    """Return the artifact that the stack serves; empty when it serves none."""
    values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack["Parameters"]}
    return str(values[PARAMETER])


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    """Return the stack's outputs by key."""
    return {entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", [])}


def is_done(
    stack: Mapping[str, Any],
    wanted_url: str,
    events: Iterable[Mapping[str, Any]],
    *,
    started: bool = True,
) -> bool:
    """Say whether the stack now serves `wanted_url`.

    `events` are the stack's, newest first, asked for only when the deployment failed. `started` is
    false when it served `wanted_url` already, so that its status tells of an earlier deployment.

    Raises:
        DeploymentFailed: CloudFormation gave up, or serves another artifact; with its reason.
    """
    status = stack["StackStatus"]
    if status.endswith("_IN_PROGRESS"):
        return False
    if started and status not in _DONE:
        raise DeploymentFailed(
            f"stack {stack['StackName']} is {status}: {_first_failure(events)}; "
            f"the endpoint serves {model_data_url(stack) or 'no model'}"
        )
    if model_data_url(stack) != wanted_url:
        raise DeploymentFailed(
            f"stack {stack['StackName']} serves {model_data_url(stack) or 'no model'}: "
            f"another deployment came after that of {wanted_url}"
        )
    return True


def _first_failure(events: Iterable[Mapping[str, Any]]) -> str:
    """Return what failed first in the latest update: what came later is its consequence."""
    reason = "no reason was given"
    for event in events:
        if event["ResourceStatus"].endswith("_FAILED"):
            reason = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', reason)}"
        is_stack = event["PhysicalResourceId"] == event["StackId"]
        if is_stack and event["ResourceStatus"] == "UPDATE_IN_PROGRESS":
            break
    return reason
