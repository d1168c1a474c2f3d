"""NotifyFailure: turns what Step Functions caught into a sentence, and publishes it."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.run.failure import describe

logger = Logger(service="NotifyFailure")
_SUBJECT_LIMIT = 100  # of an SNS e-mail


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Return the error and the cause with which the execution ends."""
    failure = describe(event["failure"])
    logger.error("run failed", extra=failure)
    deployment = os.environ["DEPLOYMENT"]
    boto3.client("sns").publish(
        TopicArn=os.environ["FAILURE_TOPIC_ARN"],
        Subject=f"{deployment}: {failure['error']}"[:_SUBJECT_LIMIT],
        Message=f"{event['execution_arn']} failed.\n\n{failure['error']}: {failure['cause']}",
    )
    return failure
