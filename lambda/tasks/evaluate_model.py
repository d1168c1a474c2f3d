"""EvaluateModel: how well the trained artifact scores and ranks: metrics.json and report.html."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from contract import s3_layout
from tasks.evaluation.run_evaluation import evaluate_run
from tasks.report import page
from tasks.report.content import Content
from tasks.run import environment, s3, training_job
from tasks.run.payloads import EvaluateModelEvent, EvaluationResult
from tasks.run.run_paths import Run

logger = Logger(service="EvaluateModel")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str
    deployment: str
    serving_stack: str


def handler(event: EvaluateModelEvent, _context: LambdaContext) -> EvaluationResult:
    """Return the metrics of the model and of what it must beat, on rows that training never saw."""
    variables = environment.read(Environment)
    run = Run(variables.bucket, event["execution"])
    catalogue, evaluation = evaluate_run(run, event, variables.serving_stack)
    document = evaluation.measurements.document()
    metrics_uri, report_uri = run.uri(s3_layout.METRICS), run.uri(s3_layout.REPORT_PAGE)
    epochs = training_job.learning_curve(event["trained"]["job_name"])
    jobs = training_job.describe_all(event)
    content = Content.of_execution(
        event, variables.deployment, evaluation, catalogue, epochs, jobs, datetime.now(UTC)
    )
    metrics = json.dumps({**document, "gate": content.verdict}, indent=2)
    s3.write_text(metrics_uri, metrics, "application/json")
    s3.write_text(report_uri, page.render(content), "text/html; charset=utf-8")
    lists = document["ranking"].get("model", {})
    logger.info("model evaluated", extra={"report_uri": report_uri, **document["model"], **lists})
    return {**document, "metrics_uri": metrics_uri, "report_uri": report_uri}
