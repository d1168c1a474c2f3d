"""NotifyFailure: turns what Step Functions caught into a sentence, and publishes it."""

import json
import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

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


def describe(failure: dict[str, str]) -> dict[str, str]:
    """Return the error's name and its message, out of what a state was caught with.

    A function's cause is JSON with `errorMessage`; a training job's is its description, whose
    `FailureReason` says what went wrong. Anything else is passed on as it is.
    """
    error, cause = failure["Error"], failure.get("Cause", "")
    try:
        details = json.loads(cause)
    except json.JSONDecodeError:
        return {"error": error, "cause": cause}
    if not isinstance(details, dict):
        return {"error": error, "cause": cause}
    if "TrainingJobName" in details:
        status = details.get("TrainingJobStatus", "Failed")
        reason = details.get("FailureReason") or details.get("SecondaryStatus", "no reason given")
        job = details["TrainingJobName"]
        return {"error": f"TrainingJob{status}", "cause": f"training job {job}: {reason}"}
    return {"error": error, "cause": str(details.get("errorMessage", cause))}
