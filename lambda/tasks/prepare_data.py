"""PrepareData: interactions in S3 become RecordIO, a manifest and a vocabulary in S3."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.preparing.preparation import prepare_run
from tasks.preparing.requests import training_request, training_to_come, why_not_by_time
from tasks.run import environment, execution_input
from tasks.run.payloads import Execution, PreparedData
from tasks.run.run_paths import Run

logger = Logger(service="PrepareData")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str
    deployment: str
    training_minutes: str


def handler(event: Execution, context: LambdaContext) -> PreparedData:
    """Return where the prepared data are, the settings of the training job, and what follows."""
    variables = environment.read(Environment)
    settings = execution_input.parse(event["input"])
    run = Run(variables.bucket, event["execution"])
    seconds = context.get_remaining_time_in_millis() / 1000
    training = training_to_come(settings, int(variables.training_minutes))
    manifest = prepare_run(settings, run, seconds, logger.info, training)
    return {
        **training_request(settings, run, manifest, variables.deployment),
        "not_by_time": why_not_by_time(settings, manifest),
        "deploy": settings.deploy,
    }
