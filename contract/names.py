"""The names by which stacks, functions, clean-up and commands know what belongs to a deployment."""

import hashlib
import re

DEPLOYMENT = "factorstack"  # the default name of a deployment, and the context key of its settings
DEPLOYMENT_TAG = "factorstack:deployment"
STACKS = ("data", "studio", "serving", "pipeline")
VARIANT = "AllTraffic"  # the one production variant of the endpoint
MODEL_PARAMETER = "ModelDataUrl"  # of the Serving stack: the artifact to serve, or "" for none
ENDPOINT_CONFIG_OUTPUT = "EndpointConfigName"  # of the Serving stack


def stack_name(deployment: str, stack: str) -> str:
    """Return the name of one of the `STACKS` of `deployment`."""
    return f"{deployment}-{stack}"


def space_name(deployment: str) -> str:
    """Return the name of the JupyterLab space; lifecycle configurations add `-` and a version."""
    return f"{deployment}-lab"


def user_profile_name(deployment: str) -> str:
    """Return the name of the user profile in the SageMaker domain."""
    return f"{deployment}-user"


def training_job_prefix(deployment: str) -> str:
    """Return what the names of the training jobs of `deployment` begin with."""
    return f"{deployment}-train-"


def execution_job_prefix(deployment: str, execution: str) -> str:
    """Return the name of an execution's training job without the attempt, which a retry counts up.

    The execution's name is hashed: it may be longer than a job's name and hold other characters
    (CreateTrainingJob: at most 63 of `[a-zA-Z0-9-]`).
    """
    digest = hashlib.sha256(execution.encode()).hexdigest()[:12]
    return training_job_prefix(deployment) + digest


def is_training_job(deployment: str, job: str) -> bool:
    """Tell whether `job` is named as `deployment` names its training jobs.

    The prefix alone is not enough: it would match the jobs of a deployment `<name>-train-...`.
    """
    prefix = re.escape(training_job_prefix(deployment))
    return re.fullmatch(rf"{prefix}[0-9a-f]{{12}}-\d+", job) is not None
