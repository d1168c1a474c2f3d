"""EvaluateModel: how well the trained artifact scores the held-out rows, kept as metrics.json."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks import evaluation, run_files, storage
from tasks.run import Run

logger = Logger(service="EvaluateModel")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the metrics of model and baseline on the rows that training never saw."""
    run = Run(os.environ["BUCKET"], event["execution"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = run_files.fetch_model(event["trained"]["model_data_url"], folder)
        items = run_files.fetch_encoder(run, folder).item_columns
        train = run_files.fetch_rows(run, "train", folder)
        test = run_files.fetch_rows(run, "test", folder)
    measured = evaluation.evaluate(model, train, test, items)
    report = run.uri("report/metrics.json")
    storage.write_text(report, json.dumps(measured, indent=2))
    logger.info("model evaluated", extra=measured)
    return {**measured, "metrics_uri": report}
