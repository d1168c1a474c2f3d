"""The report: complete, self-contained, and safe whatever the data are called."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks.evaluation import gate
from tasks.evaluation.baselines import Contender
from tasks.evaluation.scores import Evaluation, evaluate
from tasks.evaluation.translation import Translation
from tasks.report import page
from tasks.report.content import Content
from tasks.run.execution_input import Gate
from tasks.run.training_log import Epoch

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
EVIL = "<script>alert('x')</script>"


def _content(run: Any, evaluation: Evaluation, **changed: Any) -> Content:
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
        "verdict": gate.verdict(Gate(), evaluation.measurements),
        "epochs": [Epoch(1, {"log_loss": 0.6}), Epoch(2, {"log_loss": 0.5})],
        "job": job,
        "manifest": run.catalogue.encoder.manifest,
        "users": 120,
        "items": 80,
        "started": NOW - timedelta(minutes=3),
        "written": NOW,
    }
    return Content(**{**fields, **changed})


@pytest.fixture(scope="module")
def evaluation(prepared: Any, earlier: Any) -> Evaluation:
    live = Contender(earlier.model(noise=True), Translation.load(prepared.data, earlier.data))
    return evaluate(prepared.model(), prepared.train, prepared.test, prepared.catalogue, live)


@pytest.fixture(scope="module")
def report(prepared: Any, evaluation: Evaluation) -> str:
    return page.render(_content(prepared, evaluation))


@pytest.mark.parametrize(
    "part",
    [
        "Accepted by the gate",
        "ROC",
        "Precision and recall",
        "Calibration",
        "Scores by label",
        "NDCG",
        "Against the live model",
        "Training log loss",
        "3,200, ",
        "$0.0029",
        "1 min 30 s",
    ],
)
def test_it_holds(report: str, part: str) -> None:
    assert part in report


def test_it_asks_nobody_for_anything(report: str) -> None:
    assert not re.findall(r"https?://|<script|<link|<img|@import|url\(|src=", report)
    assert "default-src 'none'" in report


def test_every_element_is_closed(report: str) -> None:
    for element in ("svg", "path", "text", "table", "tr", "td", "div", "section", "figure"):
        opened = len(re.findall(rf"<{element}[ >]", report))
        closed = report.count(f"</{element}>") + len(re.findall(rf"<{element} [^>]*/>", report))
        assert opened == closed, element


def test_names_from_the_input_are_text(prepared: Any, evaluation: Evaluation) -> None:
    content = _content(prepared, evaluation, execution=EVIL, input={"source": EVIL})
    assert EVIL not in page.render(content)


def test_a_rejected_model_has_a_report_too(prepared: Any) -> None:
    noise = evaluate(prepared.model(noise=True), prepared.train, prepared.test, prepared.catalogue)
    report = page.render(_content(prepared, noise))
    assert "Rejected by the gate" in report
    assert "Against the live model" not in report


def test_a_regressor_has_a_report_without_curves_of_a_classifier(prepared: Any) -> None:
    regressor = evaluate(
        prepared.model("regressor"), prepared.train, prepared.test, prepared.catalogue
    )
    report = page.render(_content(prepared, regressor, epochs=[]))
    assert "Predicted against actual" in report
    assert "ROC" not in report
    assert "<h2>Learning" not in report
