"""VerifyRollBack: the previous model serves again, or there is no endpoint if there was none."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import endpoint, live_artifact, rollback
from tasks.rollout.lock import DeploymentLock
from tasks.run import environment
from tasks.run.payloads import Failure, VerifyRollBackEvent
from tasks.run.transient import unavailable_if_transient

logger = Logger(service="VerifyRollBack")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str
    endpoint_name: str
    serving_stack: str


@unavailable_if_transient()
def handler(event: VerifyRollBackEvent, _context: LambdaContext) -> Failure:
    """Return the failure with which the execution ends."""
    variables = environment.read(Environment)
    name, url = variables.endpoint_name, event["roll_back"]["model_data_url"]
    with rollback.reporting_both_failures(event["failure"], url), unavailable_if_transient():
        if url:
            verification = endpoint.verify(name, variables.serving_stack, url)
        else:
            verification = endpoint.verify_absent(name)
    live_artifact.write(variables.bucket, url)
    DeploymentLock(variables.bucket, event["execution_arn"]).release()
    logger.warning("rolled back", model_data_url=url)
    return rollback.completed(event["failure"], verification, url)
