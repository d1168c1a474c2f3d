"""DeployModel: asks CloudFormation to serve the artifact; the state machine waits for it."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import artifact_to_deploy, live_artifact, polling, serving_stack, stack_status
from tasks.rollout.lock import DeploymentLock
from tasks.run import environment, s3
from tasks.run.payloads import Deployment, DeployModelEvent
from tasks.run.transient import unavailable_if_transient

logger = Logger(service="DeployModel")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str
    serving_stack: str
    serving_role_arn: str


@unavailable_if_transient()
def handler(event: DeployModelEvent, _context: LambdaContext) -> Deployment:
    """Return the artifact that is being deployed and the one that was live before."""
    variables = environment.read(Environment)
    model_data_url = artifact_to_deploy.choose(event, variables.bucket)
    s3.require(model_data_url)
    lock = DeploymentLock(variables.bucket, event["execution_arn"])
    lock.acquire()
    stack = serving_stack.describe(variables.serving_stack)
    live, verified = stack_status.model_data_url(stack), live_artifact.read(variables.bucket)
    previous = lock.previous(artifact_to_deploy.way_back(live, verified))
    started = serving_stack.update(stack, model_data_url, variables.serving_role_arn)
    logger.info("deployment started", model_data_url=model_data_url, previous=previous)
    return {
        "model_data_url": model_data_url,
        "previous_model_data_url": previous,
        "started": started,
        "status": {"done": False, "wait_seconds": polling.FIRST_WAIT_SECONDS},
    }
