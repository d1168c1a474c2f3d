"""A run's training jobs in SageMaker: their descriptions, and a log in CloudWatch."""

import logging

import boto3
from botocore.exceptions import ClientError

from contract import log_groups
from tasks.run import training_log
from tasks.run.aws_types import TrainingJobDescription
from tasks.run.payloads import EvaluateModelEvent
from tasks.run.training_log import Epoch

_MOST_STREAMS = 100  # that FilterLogEvents accepts
logger = logging.getLogger(__name__)


def describe_all(event: EvaluateModelEvent) -> list[TrainingJobDescription]:
    """Return DescribeTrainingJob's answer for the model's job, and the second model's if any."""
    sagemaker, trained = boto3.client("sagemaker"), [event["trained"]]
    second = event.get("by_time", {})
    if "trained" in second:
        trained.append(second["trained"])
    return [sagemaker.describe_training_job(TrainingJobName=one["job_name"]) for one in trained]


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
    """Return the lines of all the job's hosts that hold a metric."""
    logs = boto3.client("logs")
    listing = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=log_groups.TRAINING_JOBS, logStreamNamePrefix=f"{job_name}/"
    )
    streams = [stream["logStreamName"] for page in listing for stream in page["logStreams"]]
    if not streams:
        return []
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=log_groups.TRAINING_JOBS,
        logStreamNames=streams[:_MOST_STREAMS],
        filterPattern=f'"{training_log.MARK}"',
    )
    return [event["message"] for page in pages for event in page["events"]]
