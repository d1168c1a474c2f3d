"""DeployModel: asks CloudFormation to serve the artifact; the state machine waits for it."""

import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import lock, stack_status
from tasks.rollout import stack as cloudformation
from tasks.run import execution_input, s3
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run

logger = Logger(service="DeployModel")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the artifact that is being deployed and the one that was live before."""
    model_data_url = wanted_model(event)
    if Run.of_model(model_data_url).bucket != os.environ["BUCKET"]:
        raise InvalidInputError(
            f"model_data_url: {model_data_url} is not in this deployment's bucket"
        )
    s3.require(model_data_url)
    lock.acquire(event["execution_arn"])
    stack = cloudformation.serving_stack()
    previous = lock.previous(event["execution_arn"], stack_status.model_data_url(stack))
    started = cloudformation.update_serving_stack(stack, model_data_url)
    logger.info("deployment started", model_data_url=model_data_url, previous=previous)
    return {
        "model_data_url": model_data_url,
        "previous_model_data_url": previous,
        "started": started,
    }


def wanted_model(event: dict[str, Any]) -> str:
    """Return the artifact that this execution trained, or the one that its input names."""
    given = execution_input.parse(event["input"]).model_data_url
    return given or str(event["trained"]["model_data_url"])
