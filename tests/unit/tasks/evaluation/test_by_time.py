"""A second model is judged by what happened next, or it is said why not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tasks.evaluation import by_time, gate
from tasks.evaluation.evaluation import evaluate_by_time
from tasks.evaluation.measurements import Measurements, Ranking
from tasks.run.errors import ModelRejected
from tasks.run.execution_input import ExecutionInput
from tasks.run.payloads import Failure
from tasks.run.run_paths import Run
from tests.unit.tasks.evaluation import naive

RUN = Run("bucket", "run")


@pytest.fixture(scope="module")
def measured(ranked_by_time: Any) -> Ranking:
    run = ranked_by_time
    return evaluate_by_time(run.model(noise=True), run.catalogue, run.held_out)


@pytest.mark.parametrize("system", ["model", "ease", "item_knn", "baseline"])
def test_lists_are_as_good_as_one_user_after_the_other(
    ranked_by_time: Any, measured: Ranking, system: Any
) -> None:
    run, likes = ranked_by_time, naive.Likes(ranked_by_time)
    makers = {
        "model": naive.by_model(run, run.model(noise=True)),
        "ease": naive.ease(likes),
        "item_knn": naive.item_knn(likes),
        "baseline": naive.popularity(likes),
    }
    expected = naive.ndcg_at_10(makers[system], likes.warm())
    assert measured.users == len(likes.warm()) > 30
    assert measured.comparison.value(system, "ndcg@10") == pytest.approx(expected, abs=1e-3)


def test_differences_are_paired(measured: Ranking) -> None:
    difference = measured.comparison.difference("baseline", "ndcg@10")
    assert difference is not None
    assert difference.defined


def test_a_model_that_diverged_is_not_judged(ranked_by_time: Any) -> None:
    run = ranked_by_time
    model = replace(run.group_model(), bias=float("nan"))
    with pytest.raises(ModelRejected, match="training diverged"):
        evaluate_by_time(model, run.catalogue, run.held_out)


def test_both_splits_are_in_the_document(ranked: Any, measured: Ranking) -> None:
    first = ranked.evaluated(ranked.group_model()).measurements
    both = replace(first, ranking=replace(first.ranking, by_time=measured))
    document: Any = json.loads(json.dumps(both.document()))
    assert document["ranking"]["by_time"]["model"] == measured.document()["model"]
    assert Measurements.from_document(document) == both
    assert len(json.dumps(document)) < 40_000  # a state's payload has room for 262,144 bytes


def _beside(first: Ranking, not_by_time: str | None, failure: Failure | None = None) -> Ranking:
    second = {} if failure is None else {"by_time": {"failure": failure}}
    event: Any = {"prepared": {"not_by_time": not_by_time}, **second}
    return by_time.beside(first, RUN, event)


def test_without_a_second_model_it_is_said_why(measured: Ranking) -> None:
    beside = _beside(measured, "the interactions have no timestamps")
    assert beside == replace(measured, not_by_time="the interactions have no timestamps")
    assert beside.document()["not_by_time"] == "the interactions have no timestamps"


def test_a_second_training_that_failed_is_told_with_its_reason(
    measured: Ranking, caplog: pytest.LogCaptureFixture
) -> None:
    job = {"TrainingJobName": "j-by-time-0", "FailureReason": "ClientError: no", "x": 1}
    failure: Failure = {"Error": "States.TaskFailed", "Cause": json.dumps(job)}
    beside = _beside(measured, None, failure)
    reason = "TrainingJobFailed: training job j-by-time-0: ClientError: no"
    assert (beside.by_time, beside.not_by_time) == (None, reason)
    assert f"the second model is not judged: {reason}" in caplog.text


def test_the_gate_judges_by_the_runs_own_split(ranked: Any, measured: Ranking) -> None:
    first = ranked.evaluated(ranked.group_model()).measurements
    both = replace(first, ranking=replace(first.ranking, by_time=measured))
    assert gate.verdict(ExecutionInput(), both) == gate.verdict(ExecutionInput(), first)
