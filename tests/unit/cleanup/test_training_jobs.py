"""The training jobs of a deployment are recognised by their whole name."""

import datetime as dt
from collections.abc import Callable

from botocore.stub import Stubber

from cleanup import training_jobs
from cleanup.deletion_plan import Plan

OURS = "mine-train-0123456789ab-0"
OF_LAB = "mine-lab-1125-120000-lab-1"


def test_a_job_that_only_shares_the_prefix_is_left_out(stub: Callable[[str], Stubber]) -> None:
    answers = {
        "mine-train-": (OURS, "mine-train-x-train-0123456789ab-0", "all-mine-train-0123456789ab-0"),
        "mine-lab-": (OF_LAB, f"all-{OF_LAB}"),
    }
    for prefix, names in answers.items():
        summaries = [
            {
                "TrainingJobName": name,
                "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:111122223333:training-job/{name}",
                "CreationTime": dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
                "TrainingJobStatus": "InProgress",
            }
            for name in names
        ]
        stub("sagemaker").add_response(
            "list_training_jobs",
            {"TrainingJobSummaries": summaries},
            {"NameContains": prefix, "StatusEquals": "InProgress"},
        )
    jobs = training_jobs.of_deployment("mine", StatusEquals="InProgress")
    assert [job["TrainingJobName"] for job in jobs] == [OURS, OF_LAB]


def test_only_a_job_that_nobody_has_stopped_is_stopped(
    check_calls: Callable[[Plan], None],
) -> None:
    plan = training_jobs.plan_stop(
        [
            {"TrainingJobName": OURS, "TrainingJobStatus": "InProgress"},
            {"TrainingJobName": OF_LAB, "TrainingJobStatus": "Stopping"},
        ]
    )
    check_calls(plan)
    assert [call.parameters for call in plan.calls] == [{"TrainingJobName": OURS}]
    assert len(plan.remaining) == 2


def test_a_job_is_labelled_with_its_status() -> None:
    label = training_jobs.label({"TrainingJobName": OURS, "TrainingJobStatus": "Stopping"})
    assert label == f"training job {OURS} (Stopping)"
