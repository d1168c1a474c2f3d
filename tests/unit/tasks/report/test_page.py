"""The report: complete, self-contained, and safe whatever the data are called."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest

from tasks.evaluation import gate
from tasks.evaluation.contenders import Contender, Live
from tasks.evaluation.evaluation import Evaluation
from tasks.evaluation.translation import Translation
from tasks.report import page
from tasks.run.execution_input import ExecutionInput
from tests.unit.tasks.report.contents import content_of

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def evaluation(prepared: Any, earlier: Any) -> Evaluation:
    live = Contender(earlier.model(noise=True), Translation.load(prepared.data, earlier.data))
    evaluation: Evaluation = prepared.evaluated(prepared.model(), Live(live))
    return evaluation


@pytest.fixture(scope="module")
def report(prepared: Any, evaluation: Evaluation) -> str:
    return page.render(content_of(prepared, evaluation))


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
    content = content_of(prepared, evaluation, execution=EVIL, input={"source": EVIL})
    assert EVIL not in page.render(content)


def test_a_rejected_model_has_a_report_too(prepared: Any) -> None:
    noise = prepared.evaluated(prepared.model(noise=True))
    report = page.render(content_of(prepared, noise))
    assert "Rejected by the gate" in report
    assert "Against the live model" not in report


def test_of_a_gate_that_is_not_enforced_the_report_says_what_it_would_have_done(
    prepared: Any,
) -> None:
    noise = prepared.evaluated(prepared.model(noise=True))
    verdict = gate.verdict(ExecutionInput(), noise.measurements)
    report = page.render(content_of(prepared, noise, verdict=verdict))
    assert "Would be rejected by the gate" in report
    assert html.escape(verdict["summary"].replace("auc", "AUC", 1)) in report
    assert "the lab&#x27;s labels are pure noise" in report


def test_a_regressor_has_a_report_without_curves_of_a_classifier(prepared: Any) -> None:
    regressor = prepared.evaluated(prepared.model("regressor"))
    measurements = replace(regressor.measurements, purpose="rating", predictor_type="regressor")
    evaluation = replace(regressor, measurements=measurements)
    report = page.render(content_of(prepared, evaluation, epochs=[]))
    assert "Predicted against actual" in report
    assert "ROC" not in report
    assert "<h2>Learning" not in report
