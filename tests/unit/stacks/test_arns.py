"""ARNs are written as the services write them."""

import pytest
from aws_cdk import App, Environment, Stack

from contract import log_groups
from stacks import arns


@pytest.fixture(scope="module")
def stack() -> Stack:
    env = Environment(account="111122223333", region="eu-west-1")
    return Stack(App(), "stack", env=env)


def _plain(stack: Stack, arn: str) -> str:
    resolved = stack.resolve(arn)
    if isinstance(resolved, str):
        return resolved
    return "".join(
        part if isinstance(part, str) else "aws" for part in resolved["Fn::Join"][1]
    )  # the partition alone is not known


@pytest.mark.parametrize(
    ("service", "kind", "arn"),
    [
        ("sagemaker", "endpoint", "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/x"),
        ("states", "stateMachine", "arn:aws:states:eu-west-1:111122223333:stateMachine:x"),
        ("cloudwatch", "alarm", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x"),
        ("iam", "role", "arn:aws:iam::111122223333:role/x"),
    ],
)
def test_the_name_follows_as_the_service_has_it(
    stack: Stack, service: str, kind: str, arn: str
) -> None:
    assert _plain(stack, arns.arn(stack, service, kind, "x")) == arn


def test_a_log_group_has_both_of_its_arns(stack: Stack) -> None:
    group = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/studio"
    both = arns.log_group(stack, log_groups.STUDIO)
    assert [_plain(stack, arn) for arn in both] == [group, f"{group}:*"]


def test_executions_and_jobs_are_those_of_the_deployment(stack: Stack) -> None:
    assert _plain(stack, arns.executions(stack, "mine")).endswith(":execution:mine:*")
    assert _plain(stack, arns.training_jobs(stack, "mine")).endswith(":training-job/mine-train-*")
