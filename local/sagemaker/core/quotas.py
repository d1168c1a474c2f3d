"""Quotas: how many instances of a type an account may run at once for each use.

AWS sets them by account, region and type. Here they are those that a fresh account meets: some
of every type, none with accelerators.
"""

import re
from collections.abc import Mapping
from typing import Any

from local.sagemaker.core.errors import limit_exceeded
from local.sagemaker.core.region import Region

INSTANCES = 20
ACCELERATED = re.compile(r"ml\.(p|g|trn|inf)\d")
ENDPOINT = "endpoint usage"
JOBS = {
    "training-job": ("ResourceConfig", "TrainingJobStatus", "training job usage"),
    "transform-job": ("TransformResources", "TransformJobStatus", "transform job usage"),
}
Resource = Mapping[str, Any]


def check_jobs(region: Region, kind: str, request: Resource) -> None:
    """Raise ResourceLimitExceeded if a job would need more instances than the account may run."""
    resources, status, _ = JOBS[kind]
    wanted, use = request[resources], _job_use(kind, request)
    running = sum(
        job[resources]["InstanceCount"]
        for job in region.all(kind)
        if job[status] in ("InProgress", "Stopping")
        and job[resources]["InstanceType"] == wanted["InstanceType"]
        and _job_use(kind, job) == use
    )
    _check(wanted["InstanceType"], use, running, wanted["InstanceCount"])


def check_endpoint(wanted: Mapping[str, int], running: Mapping[str, int]) -> None:
    """Raise ResourceLimitExceeded if an endpoint would need more instances than may run.

    Args:
        wanted: how many instances the endpoint needs of each type.
        running: how many the account's other endpoints have.
    """
    for instance_type, count in wanted.items():
        _check(instance_type, ENDPOINT, running.get(instance_type, 0), count)


def _job_use(kind: str, job: Resource) -> str:
    use = JOBS[kind][2]
    return f"spot {use}" if job.get("EnableManagedSpotTraining") else use


def _check(instance_type: str, use: str, running: int, wanted: int) -> None:
    limit = 0 if ACCELERATED.match(instance_type) else INSTANCES
    if running + wanted > limit:
        raise limit_exceeded(
            f"The account-level service limit '{instance_type} for {use}' is {limit} Instances, "
            f"with current utilization of {running} Instances and a request delta of {wanted} "
            "Instances. Please use AWS Service Quotas to request an increase for this quota. If "
            "AWS Service Quotas is not available, contact AWS support to request an increase for "
            "this quota."
        )
