"""The names of a deployment: distinct from those of any other."""

import fnmatch
import re

import pytest

from contract import names


def test_the_job_of_an_execution_is_the_deployments() -> None:
    prefix = names.execution_job_prefix("mine", "an execution: of any length " * 9)
    assert names.is_training_job("mine", f"{prefix}-0")
    assert re.fullmatch("[a-zA-Z0-9-]{1,60}", prefix)


def test_two_executions_have_two_jobs_each() -> None:
    prefixes = {
        names.execution_job_prefix("mine", name, by_time=by_time)
        for name in ("one", "two")
        for by_time in (False, True)
    }
    assert len(prefixes) == 4


def test_the_job_of_a_second_model_is_the_deployments_and_says_what_it_is() -> None:
    prefix = names.execution_job_prefix("mine", "run-1", by_time=True)
    assert prefix == names.execution_job_prefix("mine", "run-1") + "-by-time"
    assert names.is_training_job("mine", f"{prefix}-0")


@pytest.mark.parametrize(
    "job",
    [
        "mine-train-two-train-0123456789ab-0",
        "mine-train-0123456789ab",
        "other-train-0123456789ab-0",
    ],
)
def test_a_job_of_another_deployment_is_not_taken_for_ours(job: str) -> None:
    assert not names.is_training_job("mine", job)


@pytest.mark.parametrize(
    ("job", "ours"),
    [
        ("mine-train-0123456789ab-0", True),
        ("mine-train-0123456789ab-12", True),
        ("mine-train-0123456789ab-1-12", True),
        ("mine-train-0123456789ab-by-time-1", True),
        ("mine-train-0123456789ab-by-time-0-1", True),
        ("mine-train-0123456789ab-0-1-2", False),
        ("mine-train-0123456789ab-by-time", False),
        ("mine-train-0123456789ab-by-hand-1", False),
        ("mine-train-0123456789ab", False),
        ("mine-train-0123456789AB-0", False),
        ("yours-mine-train-0123456789ab-0", False),
        ("mine-train-x-train-0123456789ab-0", False),
    ],
)
def test_a_training_job_is_recognised_by_its_whole_name(job: str, *, ours: bool) -> None:
    assert names.is_training_job("mine", job) is ours


def test_the_pattern_of_a_policy_matches_the_jobs() -> None:
    for by_time in (False, True):
        job = names.execution_job_prefix("mine", "run-1", by_time=by_time) + "-0"
        assert fnmatch.fnmatchcase(job, names.training_job_pattern("mine"))


def test_each_stack_has_a_name_that_begins_with_the_deployments() -> None:
    assert {names.stack_name("mine", stack) for stack in names.STACKS} == {
        "mine-data",
        "mine-studio",
        "mine-serving",
        "mine-pipeline",
    }


@pytest.mark.parametrize("deployment", ["mine", "lab", "mine-too"])
def test_what_a_lab_makes_leads_back_to_its_deployment(deployment: str) -> None:
    assert names.lab_owner(f"{names.lab_prefix(deployment)}anything-lab-2") == deployment
    assert names.lab_owner(deployment) is None
