"""The Serving stack in CloudFormation: the one place where tasks ask for it and change it."""

import os
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tasks.rollout import stack_status
from tasks.run.errors import DeploymentInProgress


def serving_stack() -> dict[str, Any]:
    """Return the Serving stack as DescribeStacks shows it."""
    answer = _client().describe_stacks(StackName=os.environ["SERVING_STACK"])
    stack: dict[str, Any] = answer["Stacks"][0]
    return stack


def serving_stack_events() -> Iterator[dict[str, Any]]:
    """Yield the Serving stack's events, newest first."""
    paginator = _client().get_paginator("describe_stack_events")
    for page in paginator.paginate(StackName=os.environ["SERVING_STACK"]):
        yield from page["StackEvents"]


def update_serving_stack(stack: dict[str, Any], model_data_url: str) -> bool:
    """Start the update to another artifact; return False if it is served already.

    Raises:
        DeploymentInProgress: the stack is being changed.
    """
    try:
        _client().update_stack(
            StackName=stack["StackName"],
            UsePreviousTemplate=True,
            Parameters=stack_status.parameters(stack, model_data_url),
            RoleARN=os.environ["SERVING_ROLE_ARN"],
        )
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if "No updates are to be performed" in message:
            return False
        if "_IN_PROGRESS state" in message:
            raise DeploymentInProgress(message) from error
        raise
    return True


def _client() -> Any:
    return boto3.client("cloudformation")
