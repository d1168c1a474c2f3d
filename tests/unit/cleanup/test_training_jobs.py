"""The training jobs of a deployment are recognised by their whole name."""

import datetime as dt
from collections.abc import Callable

from botocore.stub import Stubber

from cleanup import training_jobs

OURS = "mine-train-0123456789ab-0"


def test_a_job_that_only_shares_the_prefix_is_left_out(stub: Callable[[str], Stubber]) -> None:
    summaries = [
        {
            "TrainingJobName": name,
            "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:111122223333:training-job/{name}",
            "CreationTime": dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
            "TrainingJobStatus": "InProgress",
        }
        for name in (OURS, "mine-train-x-train-0123456789ab-0")
    ]
    stub("sagemaker").add_response(
        "list_training_jobs",
        {"TrainingJobSummaries": summaries},
        {"NameContains": "mine-train-", "StatusEquals": "InProgress"},
    )
    jobs = training_jobs.of_deployment("mine", StatusEquals="InProgress")
    assert [job["TrainingJobName"] for job in jobs] == [OURS]


def test_a_job_is_labelled_with_its_status() -> None:
    label = training_jobs.label({"TrainingJobName": OURS, "TrainingJobStatus": "Stopping"})
    assert label == f"training job {OURS} (Stopping)"
