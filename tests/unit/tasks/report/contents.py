"""What a report is made from, for the tests that render one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.evaluation import gate
from tasks.evaluation.evaluation import Evaluation
from tasks.report.content import Content
from tasks.run.execution_input import ExecutionInput, Source
from tasks.run.training_log import Epoch

SOURCE = Source(uri="s3://bucket/raw/ratings.csv")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def content_of(run: Any, evaluation: Evaluation, **changed: Any) -> Content:
    job = {
        "TrainingJobName": "mine-train-0-0",
        "HyperParameters": {"epochs": "2"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "BillableTimeInSeconds": 90,
        "TrainingStartTime": NOW - timedelta(seconds=100),
        "TrainingEndTime": NOW - timedelta(seconds=10),
    }
    fields: dict[str, Any] = {
        "deployment": "mine",
        "execution": "run-1",
        "input": {},
        "evaluation": evaluation,
        "verdict": gate.verdict(ExecutionInput(source=SOURCE), evaluation.measurements),
        "epochs": [Epoch(1, {"log_loss": 0.6}), Epoch(2, {"log_loss": 0.5})],
        "jobs": [job],
        "manifest": run.catalogue.encoder.manifest,
        "users": run.catalogue.users,
        "items": run.catalogue.items,
        "started": NOW - timedelta(minutes=3),
        "written": NOW,
    }
    return Content(**{**fields, **changed})
