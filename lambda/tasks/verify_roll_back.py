"""VerifyRollBack: the previous model serves again, or there is no endpoint if there was none."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import endpoint, lock, rollback

logger = Logger(service="VerifyRollBack")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Return the failure, `Error` and `Cause`, with which the execution ends."""
    url = event["roll_back"]["model_data_url"]
    with rollback.naming(event["failure"], url):
        verified = endpoint.verify(url) if url else endpoint.verify_absent()
    lock.release(event["execution_arn"])
    logger.warning("rolled back", model_data_url=url)
    return rollback.completed(event["failure"], verified, url)
