"""Names and places of a run."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run


@given(st.text(min_size=1, max_size=80))
def test_a_job_name_fits_sagemaker_whatever_the_execution_is_called(execution: str) -> None:
    longest_deployment = "a" * 32
    run = Run("bucket", execution)
    for each in (run, run.by_time()):
        name = f"{each.training_job_prefix(longest_deployment)}-3"
        assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)


def test_two_executions_never_share_a_job_name() -> None:
    names = {Run("bucket", execution).training_job_prefix("fs") for execution in ("a", "b")}
    assert len(names) == 2


def test_the_run_of_a_model_is_the_one_that_trained_it() -> None:
    run = Run("bucket", "run-1")
    artifact = f"{run.uri('model/')}job-0/output/model.tar.gz"
    assert Run.of_model(artifact) == run


@pytest.mark.parametrize(
    "url", ["s3://bucket/model.tar.gz", "s3://bucket/runs/r/data/train.recordio"]
)
def test_an_artifact_that_no_run_wrote_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="not a model of an earlier run"):
        Run.of_model(url)


def test_a_second_model_has_a_folder_and_a_job_of_its_own() -> None:
    run = Run("bucket", "run-1")
    assert run.by_time().uri("data/") == "s3://bucket/runs/run-1/by-time/data/"
    assert run.by_time().training_job_prefix("fs") != run.training_job_prefix("fs")


def test_a_second_model_is_never_deployed() -> None:
    artifact = f"{Run('bucket', 'run-1').by_time().uri('model/')}job-0/output/model.tar.gz"
    with pytest.raises(InvalidInputError, match="not a model of an earlier run"):
        Run.of_model(artifact)
