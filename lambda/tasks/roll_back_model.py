"""RollBackModel: asks CloudFormation to serve what was live before, after a failed verification."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import lock, rollback, stack_status
from tasks.rollout import stack as cloudformation
from tasks.run.errors import DeploymentFailed

logger = Logger(service="RollBackModel")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the deployment of the previous artifact; with none before, the endpoint goes."""
    failed = event["deployment"]
    previous = failed["previous_model_data_url"]
    with rollback.naming(event["failure"], previous):
        lock.acquire(event["execution_arn"])
        stack = cloudformation.serving_stack()
        serves = stack_status.model_data_url(stack)
        if serves not in (failed["model_data_url"], previous):
            raise DeploymentFailed(f"another deployment put {serves} in its place")
        started = cloudformation.update_serving_stack(stack, previous)
    logger.warning("roll-back started", failed=failed["model_data_url"], previous=previous)
    return {
        "model_data_url": previous,
        "previous_model_data_url": failed["model_data_url"],
        "started": started,
    }
