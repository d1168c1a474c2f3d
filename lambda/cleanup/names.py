"""The names that tell what belongs to one deployment, for code that runs without the stacks."""

import re


def training_job_prefix(name: str) -> str:
    """Return what the names of the training jobs of deployment `name` begin with."""
    return f"{name}-train-"


def is_training_job(name: str, job: str) -> bool:
    """Tell whether `job` is named as deployment `name` names its training jobs.

    The prefix alone is not enough: it would match the jobs of a deployment `<name>-train-...`.
    """
    return re.fullmatch(rf"{re.escape(name)}-train-[0-9a-f]{{12}}-\d+", job) is not None
