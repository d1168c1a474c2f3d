"""The report shows the split by time beside the random one, or says why it cannot."""

import re
from dataclasses import replace
from typing import Any

import pytest

from data_prep.settings import Split
from tasks.evaluation.comparison import Comparison
from tasks.evaluation.evaluation import Evaluation, evaluate_by_time
from tasks.evaluation.measurements import Ranking
from tasks.report import page
from tests.unit.tasks.report.contents import content_of

TITLE = "By time, beside the random split"


@pytest.fixture(scope="module")
def by_time(ranked_by_time: Any) -> Ranking:
    run = ranked_by_time
    return evaluate_by_time(run.model(noise=True), run.catalogue, run.held_out)


@pytest.fixture(scope="module")
def evaluation(ranked: Any) -> Evaluation:
    evaluation: Evaluation = ranked.evaluated(ranked.group_model())
    return evaluation


def _with(evaluation: Evaluation, **of_ranking: Any) -> Evaluation:
    measurements = evaluation.measurements
    ranking = replace(measurements.ranking, **of_ranking)
    return replace(evaluation, measurements=replace(measurements, ranking=ranking))


def _section(report: str) -> str:
    return report[report.index(f"<h2>{TITLE}</h2>") :].split("</section>")[0]


@pytest.fixture(scope="module")
def section(ranked: Any, evaluation: Evaluation, by_time: Ranking) -> str:
    return _section(page.render(content_of(ranked, _with(evaluation, by_time=by_time))))


def test_both_splits_have_a_row_with_every_systems_ndcg(
    evaluation: Evaluation, by_time: Ranking, section: str
) -> None:
    rows = re.findall(r"<tr>(<td.*?)</tr>", section)
    splits = {"at random": evaluation.measurements.ranking, "by time": by_time}
    assert len(rows) == len(splits)
    for row, (name, ranking) in zip(rows, splits.items(), strict=True):
        values = [
            f"{ranking.comparison.value(system, 'ndcg@10'):.4f}"
            for system in ("model", "ease", "item_knn", "baseline")
        ]
        shown = re.findall(r'<td class="\w*">([^<]+)', row)
        assert shown == [name, str(ranking.users), *values]


def test_it_says_what_the_two_splits_tell(section: str) -> None:
    assert "flatters whatever learns from likes (Ji et al., 2023)" in section
    assert "holds out the latest 20% and asks what happened next" in section
    assert "never deployed, and the gate does not look at it" in section


def test_it_says_plainly_who_makes_better_lists_by_time(section: str) -> None:
    assert "EASE makes better lists: " in section


def test_a_second_model_that_is_missing_is_explained(ranked: Any, evaluation: Evaluation) -> None:
    missing = _with(evaluation, not_by_time="TrainingJobFailed: training job <j>: no")
    section = _section(page.render(content_of(ranked, missing)))
    assert "Not judged by time: TrainingJobFailed: training job &lt;j&gt;: no." in section


def test_users_without_likes_on_both_sides_of_the_split_are_named(
    ranked: Any, evaluation: Evaluation
) -> None:
    nobody = Ranking(users=0, items=60, comparison=Comparison({}))
    section = _section(page.render(content_of(ranked, _with(evaluation, by_time=nobody))))
    assert "Nobody could be judged" in section


@pytest.mark.parametrize("strategy", ["time", "leave_last_out"])
def test_a_run_by_time_names_the_other_split(
    ranked: Any, evaluation: Evaluation, strategy: Any
) -> None:
    manifest = ranked.catalogue.encoder.manifest
    changed = manifest.model_copy(update={"split": Split(strategy=strategy)})
    report = page.render(content_of(ranked, evaluation, manifest=changed))
    assert TITLE not in report
    assert "The split is by time: " in report
    assert "{&quot;split&quot;: {&quot;strategy&quot;: &quot;random&quot;}}" in report


def test_without_timestamps_there_is_no_such_section(ranked: Any, evaluation: Evaluation) -> None:
    manifest = ranked.catalogue.encoder.manifest
    without = manifest.model_copy(
        update={"columns": manifest.columns.model_copy(update={"timestamp": None})}
    )
    assert TITLE not in page.render(content_of(ranked, evaluation, manifest=without))


def test_the_second_training_is_part_of_the_cost(ranked: Any, evaluation: Evaluation) -> None:
    (job,) = content_of(ranked, evaluation).jobs
    second: Any = {**job, "TrainingJobName": "mine-train-0-by-time-0", "BillableTimeInSeconds": 60}
    content = content_of(ranked, evaluation, jobs=[job, second])
    assert content.cost() == f"${0.115 * (90 + 60) / 3600:.4f}"
    facts = content.time_and_cost()
    assert (facts["billed"], facts["billed for it"]) == ("90 s", "60 s")
    assert facts["second model's job"] == "mine-train-0-by-time-0"
