"""VerifyEndpoint: the endpoint runs the deployed config and scores as the artifact does."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import endpoint, lock

logger = Logger(service="VerifyEndpoint")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return on how many held-out rows, and how closely, endpoint and artifact agree."""
    agreement = endpoint.verify(event["deployment"]["model_data_url"])
    lock.release(event["execution_arn"])
    logger.info("endpoint verified", **agreement)
    return agreement
