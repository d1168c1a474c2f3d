"""VerifyEndpoint: the endpoint runs the deployed config and scores as the artifact does."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import endpoint, live_artifact
from tasks.rollout.lock import DeploymentLock
from tasks.run import environment
from tasks.run.payloads import DeployedEvent, Verification
from tasks.run.transient import unavailable_if_transient

logger = Logger(service="VerifyEndpoint")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str
    endpoint_name: str
    serving_stack: str


@unavailable_if_transient()
def handler(event: DeployedEvent, _context: LambdaContext) -> Verification:
    """Return on how many held-out rows, and how closely, endpoint and artifact agree."""
    variables = environment.read(Environment)
    verification = endpoint.verify(
        variables.endpoint_name, variables.serving_stack, event["deployment"]["model_data_url"]
    )
    live_artifact.write(variables.bucket, event["deployment"]["model_data_url"])
    DeploymentLock(variables.bucket, event["execution_arn"]).release()
    logger.info("endpoint verified", **verification)
    return verification
