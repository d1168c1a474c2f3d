"""What CloudFormation's answers mean for a roll-out; no AWS."""

from collections.abc import Iterable

from contract import names
from tasks.run.aws_types import ParameterUpdate, StackDescription, StackEvent
from tasks.run.errors import DeploymentFailed

_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def parameters(stack: StackDescription, model_data_url: str) -> list[ParameterUpdate]:
    """Return the `Parameters` of UpdateStack: the artifact changes, all others keep their value."""
    keys = [parameter["ParameterKey"] for parameter in stack["Parameters"]]
    changed: ParameterUpdate = {
        "ParameterKey": names.MODEL_PARAMETER,
        "ParameterValue": model_data_url,
    }
    kept: list[ParameterUpdate] = [
        {"ParameterKey": key, "UsePreviousValue": True}
        for key in keys
        if key != names.MODEL_PARAMETER
    ]
    return [changed, *kept]


def model_data_url(stack: StackDescription) -> str:
    """Return the artifact that the stack serves; empty when it serves none."""
    values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack["Parameters"]}
    return values[names.MODEL_PARAMETER]


def endpoint_config_name(stack: StackDescription) -> str:
    """Return the endpoint config of the stack's endpoint, which must serve a model."""
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", [])}
    return outputs[names.ENDPOINT_CONFIG_OUTPUT]


def is_changing(stack: StackDescription) -> bool:
    """Tell whether CloudFormation is changing the stack."""
    return stack["StackStatus"].endswith("_IN_PROGRESS")


def is_done(
    stack: StackDescription,
    deployed_url: str,
    events: Iterable[StackEvent],
    *,
    started: bool = True,
) -> bool:
    """Tell whether the roll-out of `deployed_url` is done.

    Args:
        stack: the Serving stack as it is now.
        deployed_url: the artifact that it is to serve.
        events: the stack's, newest first; read only when the roll-out failed.
        started: False when the stack served `deployed_url` already, so that its status is that of
            an earlier roll-out.

    Raises:
        DeploymentFailed: CloudFormation gave up, or the stack serves another artifact; with the
            reason.
    """
    status = stack["StackStatus"]
    if is_changing(stack):
        return False
    if started and status not in _DONE:
        raise DeploymentFailed(
            f"stack {stack['StackName']} is {status}: {_first_failure(events)}; "
            f"the endpoint serves {model_data_url(stack) or 'no model'}"
        )
    if model_data_url(stack) != deployed_url:
        raise DeploymentFailed(
            f"stack {stack['StackName']} serves {model_data_url(stack) or 'no model'}: "
            f"another deployment came after that of {deployed_url}"
        )
    return True


def _first_failure(events: Iterable[StackEvent]) -> str:
    """Return what failed first in the latest update: later failures are its consequences."""
    reason = "CloudFormation gave no reason"
    for event in events:
        if event["ResourceStatus"].endswith("_FAILED"):
            reason = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', reason)}"
        is_stack = event["PhysicalResourceId"] == event["StackId"]
        if is_stack and event["ResourceStatus"] == "UPDATE_IN_PROGRESS":
            break
    return reason
