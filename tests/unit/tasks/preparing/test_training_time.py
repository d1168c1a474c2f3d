"""A training job that would be stopped before its end is refused, with what would do."""

import re

import pytest

from tasks.preparing.training_time import Training


def minutes_of(problem: str | None) -> int:
    """Return the minutes that the job would take, by the refusal."""
    found = re.search(r"take about ([\d,]+) minutes", problem or "")
    assert found, problem
    return int(found[1].replace(",", ""))


def test_a_job_that_ends_in_time_has_no_problem() -> None:
    assert Training(20, 64, 180).problem(25_000_000, 50_000_000) is None


def test_the_real_engine_takes_an_hour_for_27_million_rows_and_20_epochs() -> None:
    problem = Training(20, 64, 30).problem(27_000_000, 54_000_000)
    assert 55 <= minutes_of(problem) <= 70


def test_rankings_cost_what_the_size_plan_says() -> None:
    epoch_seconds = 250_000_000 / 1_200_000
    problem = Training(16, 64, 5).problem(2_500_000, 250_000_000)
    assert minutes_of(problem) == pytest.approx(16 * epoch_seconds / 60, rel=0.2)


def test_fewer_factors_take_less_time() -> None:
    many = minutes_of(Training(20, 64, 1).problem(27_000_000, 54_000_000))
    few = minutes_of(Training(20, 16, 1).problem(27_000_000, 54_000_000))
    assert few < many / 2


def test_the_refusal_names_a_limit_and_a_number_of_epochs_that_would_do() -> None:
    rows, non_zeros = 100_000_000, 200_000_000
    problem = Training(20, 64, 180).problem(rows, non_zeros)
    assert problem is not None
    assert "100,000,000 rows" in problem
    assert "is stopped after 180." in problem
    limit = re.search(r"max_runtime_minutes in cdk.json to (\d+)", problem)
    epochs = re.search(r"hyperparameters.epochs to (\d+) or less", problem)
    assert limit
    assert epochs
    assert Training(20, 64, int(limit[1])).problem(rows, non_zeros) is None
    assert Training(int(epochs[1]), 64, 180).problem(rows, non_zeros) is None
    assert Training(int(epochs[1]) + 1, 64, 180).problem(rows, non_zeros) is not None


def test_no_limit_is_named_that_no_training_job_may_have() -> None:
    problem = Training(20, 64, 180).problem(10**10, 2 * 10**10)
    assert problem is not None
    assert "max_runtime_minutes" not in problem
    assert problem.endswith("Use fewer rows or fewer factors")
