"""Quotas: how many instances of a type an account may run at once for each use.

AWS sets them by account, region and type. Here they are those of a fresh account: some of every
type, none with accelerators.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local.sagemaker.core.api import Request, Structure
from local.sagemaker.core.errors import limit_exceeded

INSTANCES = 20
ACCELERATED = re.compile(r"ml\.(p|g|trn|inf)\d")
ENDPOINT_USE = "endpoint usage"


@dataclass(frozen=True)
class JobUse:
    """How the jobs of a kind use instances.

    Attributes:
        resources: the member with InstanceType and InstanceCount.
        status: the member with the job's status.
        name: what the quota calls the use.
    """

    resources: str
    status: str
    name: str


TRAINING = JobUse("ResourceConfig", "TrainingJobStatus", "training job usage")
TRANSFORM = JobUse("TransformResources", "TransformJobStatus", "transform job usage")


def check_job(use: JobUse, request: Request, jobs: Iterable[Structure]) -> None:
    """Check that an account may run the instances of one more job.

    Args:
        use: what the job is.
        request: that of the new job.
        jobs: the descriptions of the account's jobs of this kind.

    Raises:
        ServiceError: ResourceLimitExceeded.
    """
    resources, name = request[use.resources], _use_name(use, request)
    running = sum(
        job[use.resources]["InstanceCount"]
        for job in jobs
        if job[use.status] in ("InProgress", "Stopping")
        and job[use.resources]["InstanceType"] == resources["InstanceType"]
        and _use_name(use, job) == name
    )
    _check(resources["InstanceType"], name, running, resources["InstanceCount"])


def check_endpoint(required: Mapping[str, int], running: Mapping[str, int]) -> None:
    """Check that an account may run the instances of an endpoint.

    Args:
        required: how many instances of each type the endpoint needs.
        running: how many the account's other endpoints have.

    Raises:
        ServiceError: ResourceLimitExceeded.
    """
    for instance_type, count in required.items():
        _check(instance_type, ENDPOINT_USE, running.get(instance_type, 0), count)


def _use_name(use: JobUse, job: Structure) -> str:
    return f"spot {use.name}" if job.get("EnableManagedSpotTraining") else use.name


def _check(instance_type: str, use: str, running: int, required: int) -> None:
    limit = 0 if ACCELERATED.match(instance_type) else INSTANCES
    if running + required > limit:
        raise limit_exceeded(
            f"The account-level service limit '{instance_type} for {use}' is {limit} Instances, "
            f"with current utilization of {running} Instances and a request delta of {required} "
            "Instances. Please use AWS Service Quotas to request an increase for this quota. If "
            "AWS Service Quotas is not available, contact AWS support to request an increase for "
            "this quota."
        )
