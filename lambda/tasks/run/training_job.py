"""What SageMaker knows of a run's training job: its description, and its log in CloudWatch."""

import logging
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tasks.run import training_log
from tasks.run.training_log import Epoch

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_MOST_STREAMS = 100  # that FilterLogEvents takes
logger = logging.getLogger(__name__)


def describe(job_name: str) -> dict[str, Any]:
    """Return the job as DescribeTrainingJob shows it."""
    answer: dict[str, Any] = boto3.client("sagemaker").describe_training_job(
        TrainingJobName=job_name
    )
    return answer


def learning_curve(job_name: str) -> list[Epoch]:
    """Return the epochs in the job's log; none when the log cannot be read.

    The log comes some seconds after the job's end and may be deleted by anyone: a report without
    the curve is better than a run without a report.
    """
    try:
        return training_log.epochs(_lines(job_name))
    except ClientError as error:
        logger.warning("no learning curve: %s", error)
        return []


def _lines(job_name: str) -> list[str]:
    """The lines of all the job's hosts that tell of a metric."""
    logs = boto3.client("logs")
    found = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=LOG_GROUP, logStreamNamePrefix=f"{job_name}/"
    )
    streams = [stream["logStreamName"] for page in found for stream in page["logStreams"]]
    if not streams:
        return []
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=LOG_GROUP,
        logStreamNames=streams[:_MOST_STREAMS],
        filterPattern=f'"{training_log.MARK}"',
    )
    return [event["message"] for page in pages for event in page["events"]]
