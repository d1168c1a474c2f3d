"""The names of what belongs to a deployment, which distinguish it from any other."""

import hashlib
import re
from typing import Literal, get_args

Stack = Literal["data", "studio", "serving", "pipeline"]

DEPLOYMENT = "factorstack"  # the default name of a deployment, and the context key of its settings
DEPLOYMENT_TAG = "factorstack:deployment"
# SageMaker puts it on the file system that it makes for a domain; its value is the domain's ARN.
MANAGED_TAG = "ManagedByAmazonSageMakerResource"
STACKS: tuple[Stack, ...] = get_args(Stack)
VARIANT = "AllTraffic"  # the one production variant of the endpoint
MODEL_PARAMETER = "ModelDataUrl"  # of the Serving stack: the artifact to serve, or "" for none
ENDPOINT_CONFIG_OUTPUT = "EndpointConfigName"  # of the Serving stack
BUCKET_OUTPUT = "BucketName"  # of the Data stack
STATE_MACHINE_OUTPUT = "StateMachineArn"  # of the Pipeline stack
RECOMMEND_OUTPUT = "RecommendUrl"  # of the Pipeline stack
_BY_TIME = "-by-time"  # in the name of the training job of an execution's second model


def stack_name(deployment: str, stack: Stack) -> str:
    """Return the name of one of the `STACKS` of `deployment`."""
    return f"{deployment}-{stack}"


def space_name(deployment: str) -> str:
    """Return the name of the JupyterLab space; lifecycle configurations add `-` and a version."""
    return f"{deployment}-lab"


def lab_prefix(deployment: str) -> str:
    """Return the prefix of what a notebook makes by hand: jobs, models, configs and endpoints.

    No other deployment's names begin with it: `Settings` refuses a name that has a `lab_owner`.
    """
    return f"{deployment}-lab-"


def lab_owner(name: str) -> str | None:
    """Return the deployment to whose lab a thing of this name belongs, or None if to no lab."""
    owner, found, _ = f"{name}-".partition("-lab-")
    return owner if found else None


def user_profile_name(deployment: str) -> str:
    """Return the name of the user profile in the SageMaker domain."""
    return f"{deployment}-user"


def parameter_prefix(deployment: str) -> str:
    """Return the prefix of the names of the Systems Manager parameters of `deployment`."""
    return f"/{deployment}/"


def training_job_prefix(deployment: str) -> str:
    """Return the prefix of the names of the training jobs of the executions of `deployment`."""
    return f"{deployment}-train-"


def training_job_pattern(deployment: str) -> str:
    """Return the pattern of the executions' training jobs in an IAM policy."""
    return f"{training_job_prefix(deployment)}*"


def training_job_prefixes(deployment: str) -> tuple[str, str]:
    """Return the prefixes of all training jobs: of the executions', and of the lab's by hand."""
    return training_job_prefix(deployment), lab_prefix(deployment)


def execution_job_prefix(deployment: str, execution: str, *, by_time: bool = False) -> str:
    """Return the name of an execution's training job without the numbers of redrive and attempt.

    The execution's name is hashed: it may be longer than a job's name and hold other characters
    (CreateTrainingJob: at most 63 of `[a-zA-Z0-9-]`).

    Args:
        deployment: The deployment's name.
        execution: The execution's name.
        by_time: Whether it is the job of the second model, which is trained by time.
    """
    digest = hashlib.sha256(execution.encode()).hexdigest()[:12]
    return training_job_prefix(deployment) + digest + (_BY_TIME if by_time else "")


def is_training_job(deployment: str, job: str) -> bool:
    """Return whether `job` has the name of a training job of an execution or of the lab.

    An execution's prefix alone is not enough: it would match the jobs of a deployment
    `<name>-train-...`.
    """
    if job.startswith(lab_prefix(deployment)):
        return True
    prefix = re.escape(training_job_prefix(deployment))
    return re.fullmatch(rf"{prefix}[0-9a-f]{{12}}({_BY_TIME})?(-\d+){{1,2}}", job) is not None


def is_endpoint(deployment: str, endpoint: str) -> bool:
    """Return whether `endpoint` has the name of the endpoint of `deployment` or of one by hand."""
    return endpoint == deployment or endpoint.startswith(lab_prefix(deployment))
