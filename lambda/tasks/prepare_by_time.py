"""PrepareByTime: the run's interactions once more, with the latest held out, for a second model.

It is a state of its own, with a function's whole time, so that no failure of it ends the run.
"""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.preparing.preparation import prepare_run, prepared_manifest
from tasks.preparing.requests import input_by_time, training_request
from tasks.run import environment, execution_input
from tasks.run.payloads import Execution, TrainingRequest
from tasks.run.run_paths import Run

logger = Logger(service="PrepareByTime")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str
    deployment: str


def handler(event: Execution, context: LambdaContext) -> TrainingRequest:
    """Return where the data by time are, and the settings of their training job."""
    variables = environment.read(Environment)
    run = Run(variables.bucket, event["execution"])
    settings = input_by_time(execution_input.parse(event["input"]), prepared_manifest(run))
    seconds = context.get_remaining_time_in_millis() / 1000
    manifest = prepare_run(settings, run.by_time(), seconds, logger.info)
    return training_request(settings, run.by_time(), manifest, variables.deployment)
