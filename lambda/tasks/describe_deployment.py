"""DescribeDeployment: whether CloudFormation has finished, while the state machine waits."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks import cloudformation, deployment

logger = Logger(service="DescribeDeployment")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return `done`; fail with CloudFormation's own reason when it gave up."""
    stack = cloudformation.serving_stack()
    wanted = event["deployment"]["model_data_url"]
    done = deployment.is_done(stack, wanted, cloudformation.serving_stack_events())
    logger.info("deployment", status=stack["StackStatus"], done=done)
    return {"done": done, "stack_status": stack["StackStatus"]}
