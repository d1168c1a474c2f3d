"""The training jobs of a deployment, which its state machine made."""

from collections.abc import Iterator

from cleanup import aws
from cleanup.descriptions import TrainingJob
from contract.names import is_training_job, training_job_prefix


def of_deployment(deployment: str, **filters: str) -> Iterator[TrainingJob]:
    """Yield the training jobs of `deployment`.

    Args:
        deployment: The deployment's name.
        filters: Parameters of ListTrainingJobs, such as `StatusEquals`.
    """
    jobs: list[TrainingJob] = aws.list_all(
        "sagemaker",
        "list_training_jobs",
        "TrainingJobSummaries",
        NameContains=training_job_prefix(deployment),
        **filters,
    )
    return (job for job in jobs if is_training_job(deployment, job["TrainingJobName"]))


def label(job: TrainingJob) -> str:
    """Return what people read of a job that is still there."""
    return f"training job {job['TrainingJobName']} ({job['TrainingJobStatus']})"
