"""NotifyFailure: turns what Step Functions caught into a sentence, and publishes it."""

from dataclasses import dataclass

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.run import environment, failure
from tasks.run.payloads import FailureNotice, NotifyFailureEvent

logger = Logger(service="NotifyFailure")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    deployment: str
    failure_topic_arn: str


def handler(event: NotifyFailureEvent, _context: LambdaContext) -> FailureNotice:
    """Return the error and the cause with which the execution ends."""
    variables = environment.read(Environment)
    notice = failure.describe(event["failure"])
    logger.error("run failed", extra=dict(notice))
    boto3.client("sns").publish(
        TopicArn=variables.failure_topic_arn,
        Subject=failure.subject(variables.deployment, notice),
        Message=failure.message(event["execution_arn"], notice),
    )
    return notice
