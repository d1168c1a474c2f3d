"""VerifyRollBack: the previous model serves again, or there is no endpoint if there was none."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks import deployment_lock, roll_back, serving

logger = Logger(service="VerifyRollBack")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Return the failure, `Error` and `Cause`, with which the execution ends."""
    url = event["roll_back"]["model_data_url"]
    with roll_back.naming(event["failure"], url):
        verified = serving.verify(url) if url else serving.verify_absent()
    deployment_lock.release(event["execution_arn"])
    logger.warning("rolled back", model_data_url=url)
    return roll_back.completed(event["failure"], verified, url)
