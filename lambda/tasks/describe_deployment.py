"""DescribeDeployment: whether CloudFormation has finished, while the state machine waits."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.rollout import rollback, stack_status
from tasks.rollout import stack as cloudformation

logger = Logger(service="DescribeDeployment")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return `done`; fail with CloudFormation's own reason when it gave up.

    DescribeRollBack asks it too, with the `failure` that made the execution go back.
    """
    wanted = event["deployment"]
    with rollback.naming(event.get("failure"), wanted["model_data_url"]):
        stack = cloudformation.serving_stack()
        done = stack_status.is_done(
            stack,
            wanted["model_data_url"],
            cloudformation.serving_stack_events(),
            started=wanted["started"],
        )
    logger.info("deployment", status=stack["StackStatus"], done=done)
    return {"done": done, "stack_status": stack["StackStatus"]}
