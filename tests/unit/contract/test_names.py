"""The names of a deployment: distinct from those of any other."""

import re

import pytest

from contract import names


def test_the_job_of_an_execution_is_the_deployments() -> None:
    prefix = names.execution_job_prefix("mine", "an execution: of any length " * 9)
    assert names.is_training_job("mine", f"{prefix}-0")
    assert re.fullmatch("[a-zA-Z0-9-]{1,60}", prefix)


def test_two_executions_have_two_jobs() -> None:
    first, second = (names.execution_job_prefix("mine", name) for name in ("one", "two"))
    assert first != second


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
