"""RollBackModel: asks CloudFormation to serve what was live before, after a failed verification."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import polling, rollback, serving_stack, stack_status
from tasks.rollout.lock import DeploymentLock
from tasks.run import environment
from tasks.run.payloads import Deployment, RollBackModelEvent
from tasks.run.transient import unavailable_if_transient

logger = Logger(service="RollBackModel")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str
    serving_stack: str
    serving_role_arn: str


def handler(event: RollBackModelEvent, _context: LambdaContext) -> Deployment:
    """Return the roll-out of the previous artifact; without one, of no endpoint."""
    variables = environment.read(Environment)
    failed = event["deployment"]["model_data_url"]
    previous = event["deployment"]["previous_model_data_url"]
    with rollback.reporting_both_failures(event["failure"], previous), unavailable_if_transient():
        DeploymentLock(variables.bucket, event["execution_arn"]).acquire()
        stack = serving_stack.describe(variables.serving_stack)
        rollback.require_own_deployment(stack_status.model_data_url(stack), failed, previous)
        started = serving_stack.update(stack, previous, variables.serving_role_arn)
    logger.warning("roll-back started", failed=failed, previous=previous)
    return {
        "model_data_url": previous,
        "previous_model_data_url": failed,
        "started": started,
        "status": {"done": False, "wait_seconds": polling.FIRST_WAIT_SECONDS},
    }
