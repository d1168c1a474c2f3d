"""The Serving stack in CloudFormation: the one place where tasks describe and update it."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tasks.rollout import stack_status
from tasks.run.aws_types import StackDescription, StackEvent
from tasks.run.errors import DeploymentInProgress


def describe(name: str) -> StackDescription:
    """Return the stack `name` as DescribeStacks shows it."""
    description: StackDescription = _client().describe_stacks(StackName=name)["Stacks"][0]
    return description


def events(name: str) -> Iterator[StackEvent]:
    """Yield the events of the stack `name`, newest first."""
    paginator = _client().get_paginator("describe_stack_events")
    for page in paginator.paginate(StackName=name):
        yield from page["StackEvents"]


def update(stack: StackDescription, model_data_url: str, role_arn: str) -> bool:
    """Start the update to another artifact; return False if it is served already.

    Args:
        stack: as it is before the update.
        model_data_url: the artifact to serve; "" for no endpoint.
        role_arn: of the role with which CloudFormation makes the change.

    Raises:
        DeploymentInProgress: the stack is being changed.
    """
    try:
        _client().update_stack(
            StackName=stack["StackName"],
            UsePreviousTemplate=True,
            Parameters=stack_status.parameters(stack, model_data_url),
            RoleARN=role_arn,
        )
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if "No updates are to be performed" in message:
            return False
        if "_IN_PROGRESS state" in message:
            raise DeploymentInProgress(message) from error
        raise
    return True


def _client() -> Any:  # boto3 has no types
    return boto3.client("cloudformation")
