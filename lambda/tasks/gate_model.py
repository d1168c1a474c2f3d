"""GateModel: only a model that earns it goes on."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks import execution_input, gate

logger = Logger(service="GateModel")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the numbers that let the model pass."""
    decision = gate.decide(execution_input.parse(event["input"]).gate, event["evaluation"])
    logger.info("model accepted", extra=decision)
    return decision
