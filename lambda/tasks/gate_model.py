"""GateModel: only a model that earns it goes on."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.evaluation import gate
from tasks.evaluation.measurements import Measurements
from tasks.run import execution_input
from tasks.run.errors import ModelRejected
from tasks.run.payloads import GateModelEvent, Verdict

logger = Logger(service="GateModel")


def handler(event: GateModelEvent, _context: LambdaContext) -> Verdict:
    """Return the numbers that let the model pass, or of a gate that is not enforced all the same.

    Raises:
        ModelRejected: with the numbers that decided, and where the report is.
    """
    evaluation = event["evaluation"]
    settings = execution_input.parse(event["input"])
    try:
        verdict = gate.decide(settings, Measurements.from_document(evaluation))
    except ModelRejected as rejected:
        raise ModelRejected(f"{rejected}; the report: {evaluation['report_uri']}") from None
    logger.info("the gate has decided", extra=dict(verdict))
    return verdict
