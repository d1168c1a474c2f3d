"""The training jobs of a deployment, which its state machine or the lab's notebook made."""

from collections.abc import Iterator, Sequence

from cleanup import aws
from cleanup.deletion_plan import Call, Plan
from cleanup.descriptions import TrainingJob
from contract.names import is_training_job, training_job_prefixes

RUNNING = ("InProgress", "Stopping")


def of_deployment(deployment: str, **filters: str) -> Iterator[TrainingJob]:
    """Yield the training jobs of `deployment`.

    Args:
        deployment: The deployment's name.
        filters: Parameters of ListTrainingJobs, such as `StatusEquals`.
    """
    for prefix in training_job_prefixes(deployment):
        jobs: list[TrainingJob] = aws.list_all(
            "sagemaker",
            "list_training_jobs",
            "TrainingJobSummaries",
            NameContains=prefix,
            **filters,
        )
        for job in jobs:
            name = job["TrainingJobName"]
            if name.startswith(prefix) and is_training_job(deployment, name):
                yield job


def plan_stop(running: Sequence[TrainingJob]) -> Plan:
    """Stop the jobs that nobody has stopped yet, and wait for all of them."""
    return Plan(
        tuple(
            Call("sagemaker", "stop_training_job", {"TrainingJobName": job["TrainingJobName"]})
            for job in running
            if job["TrainingJobStatus"] == "InProgress"
        ),
        tuple(map(label, running)),
    )


def label(job: TrainingJob) -> str:
    """Return what people read of a job that is still there."""
    return f"training job {job['TrainingJobName']} ({job['TrainingJobStatus']})"
