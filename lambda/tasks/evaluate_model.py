"""EvaluateModel: how well the trained artifact scores and ranks: metrics.json and report.html."""

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.evaluation import gate, live_model
from tasks.evaluation.scores import Evaluation
from tasks.report import page
from tasks.report.content import Content
from tasks.run import execution_input, files, s3, training_job
from tasks.run.catalogue import Catalogue
from tasks.run.run_paths import Run

logger = Logger(service="EvaluateModel")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the metrics of the model and of what it must beat, on rows that training never saw."""
    run = Run(os.environ["BUCKET"], event["execution"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalogue = Catalogue(files.fetch_encoder(run, folder))
        evaluation = Evaluation(
            files.fetch_model(event["trained"]["model_data_url"], folder),
            files.fetch_rows(run, "train"),
            files.fetch_rows(run, "test"),
            catalogue,
            live_model.fetch(folder / "data", folder / "live"),
        )
    measured = evaluation.measure()
    metrics_uri, report_uri = run.uri("report/metrics.json"), run.uri("report/report.html")
    s3.write_text(metrics_uri, json.dumps(measured, indent=2), "application/json")
    report = page.render(_content(event, evaluation, measured, catalogue))
    s3.write_text(report_uri, report, "text/html; charset=utf-8")
    logger.info("model evaluated", extra={"report_uri": report_uri, **measured["model"]})
    return {**measured, "metrics_uri": metrics_uri, "report_uri": report_uri}


def _content(
    event: dict[str, Any], evaluation: Evaluation, measured: dict[str, Any], catalogue: Catalogue
) -> Content:
    job = event["trained"]["job_name"]
    return Content(
        deployment=os.environ["DEPLOYMENT"],
        execution=event["execution"],
        input=event["input"],
        evaluation=measured,
        verdict=gate.verdict(execution_input.parse(event["input"]).gate, measured),
        labels=evaluation.test.labels,
        scores=evaluation.scores,
        epochs=training_job.learning_curve(job),
        job=training_job.describe(job),
        manifest=catalogue.encoder.manifest,
        users=catalogue.users,
        items=catalogue.items,
        started=datetime.fromisoformat(event["started"]),
        written=datetime.now(UTC),
    )
