"""DescribeDeployment: whether CloudFormation has finished, while the state machine waits."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import polling, rollback, serving_stack, stack_status
from tasks.run import environment
from tasks.run.payloads import DeploymentStatus, DescribeDeploymentEvent
from tasks.run.transient import unavailable_if_transient

logger = Logger(service="DescribeDeployment")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    serving_stack: str


def handler(event: DescribeDeploymentEvent, _context: LambdaContext) -> DeploymentStatus:
    """Return whether the roll-out is done; fail with CloudFormation's reason when it gave up.

    The state DescribeRollBack invokes it too, with the `failure` that made the execution roll back.
    """
    variables = environment.read(Environment)
    deployment = event["deployment"]
    url, started = deployment["model_data_url"], deployment["started"]
    with rollback.reporting_both_failures(event.get("failure"), url), unavailable_if_transient():
        stack = serving_stack.describe(variables.serving_stack)
        events = serving_stack.events(variables.serving_stack)
        done = stack_status.is_done(stack, url, events, started=started)
    logger.info("deployment", status=stack["StackStatus"], done=done)
    return {
        "done": done,
        "wait_seconds": polling.next_wait_seconds(deployment["status"]["wait_seconds"]),
        "stack_status": stack["StackStatus"],
    }
