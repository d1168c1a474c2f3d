"""GateModel: only a model that earns it goes on."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.evaluation import gate
from tasks.run import execution_input
from tasks.run.errors import ModelRejected

logger = Logger(service="GateModel")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the numbers that let the model pass.

    Raises:
        ModelRejected: with the numbers that decided, and where the report is.
    """
    evaluation = event["evaluation"]
    try:
        decision = gate.decide(execution_input.parse(event["input"]).gate, evaluation)
    except ModelRejected as rejected:
        raise ModelRejected(f"{rejected}; the report: {evaluation['report_uri']}") from None
    logger.info("model accepted", extra=decision)
    return decision
