"""What CloudFormation's answers mean."""

import pytest

from tasks.rollout import stack_status
from tasks.run.aws_types import StackDescription, StackEvent
from tasks.run.errors import DeploymentFailed

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/fs-serving/1"
NEW = "s3://bucket/runs/new/model/j/output/model.tar.gz"


def _stack(status: str, url: str) -> StackDescription:
    return {
        "StackName": "fs-serving",
        "StackStatus": status,
        "Parameters": [
            {"ParameterKey": "ModelDataUrl", "ParameterValue": url},
            {"ParameterKey": "Other", "ParameterValue": "kept"},
        ],
    }


def _event(logical_id: str, status: str, reason: str = "") -> StackEvent:
    physical = STACK_ID if logical_id == "fs-serving" else logical_id
    return {
        "StackId": STACK_ID,
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_only_the_artifact_changes() -> None:
    assert stack_status.parameters(_stack("UPDATE_COMPLETE", ""), NEW) == [
        {"ParameterKey": "ModelDataUrl", "ParameterValue": NEW},
        {"ParameterKey": "Other", "UsePreviousValue": True},
    ]


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_a_stack_in_progress_is_not_done(status: str) -> None:
    assert not stack_status.is_done(_stack(status, NEW), NEW, [])


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "CREATE_COMPLETE"])
def test_a_stack_that_serves_the_artifact_is_done(status: str) -> None:
    assert stack_status.is_done(_stack(status, NEW), NEW, [])


def test_a_roll_back_fails_with_the_first_reason_of_this_update() -> None:
    events = [
        _event("fs-serving", "UPDATE_ROLLBACK_COMPLETE"),
        _event("Endpoint", "UPDATE_FAILED", "cancelled"),
        _event("Model", "CREATE_FAILED", "no such artifact"),
        _event("fs-serving", "UPDATE_IN_PROGRESS"),
        _event("Model", "CREATE_FAILED", "of an earlier update"),
    ]
    with pytest.raises(DeploymentFailed, match=r"Model: no such artifact; the endpoint serves old"):
        stack_status.is_done(_stack("UPDATE_ROLLBACK_COMPLETE", "old"), NEW, events)


def test_another_deployment_in_between_is_told() -> None:
    with pytest.raises(DeploymentFailed, match="another deployment came after"):
        stack_status.is_done(_stack("UPDATE_COMPLETE", "s3://b/other"), NEW, [])


def test_a_model_that_was_served_already_is_done_whatever_came_before() -> None:
    stack = _stack("UPDATE_ROLLBACK_COMPLETE", NEW)
    assert stack_status.is_done(stack, NEW, [], started=False)
