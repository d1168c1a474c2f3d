"""Quotas: how many instances of a type an account may run at once for each use, and domains.

AWS sets them by account, region and type. The account here plays one of two: an old one has some
of every type and none with accelerators, a fresh one has hardly any.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local.sagemaker.core import settings
from local.sagemaker.core.api import Request, Structure
from local.sagemaker.core.errors import limit_exceeded

ACCELERATED = re.compile(r"\bml\.(p|g|trn|inf)\d")
ENDPOINT_USE = "endpoint usage"
DOMAINS = "Total domains"
SERVERLESS = "Maximum total concurrency that can be allocated across all serverless endpoints"
OLD_INSTANCES = 20  # of every type for each use
OLD = {DOMAINS: 10, SERVERLESS: 200}
# What new accounts were seen to have of other than 0; the quotas' names are those of AWS.
FRESH = {
    "ml.t2.medium for endpoint usage": 2,
    "Studio JupyterLab Apps running on ml.t3.medium instances": 2,
    DOMAINS: 1,
    SERVERLESS: 10,
}
DEFAULT_APP_INSTANCE = "ml.t3.medium"


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
    quota = instance_quota(resources["InstanceType"], name)
    _check(quota, running, resources["InstanceCount"], "Instances")


def check_endpoint(required: Mapping[str, int], running: Mapping[str, int]) -> None:
    """Check that an account may run an endpoint.

    Args:
        required: what the endpoint needs, by the name of the quota.
        running: what the account's other endpoints use.

    Raises:
        ServiceError: ResourceLimitExceeded.
    """
    for name, count in required.items():
        _check(name, running.get(name, 0), count, "None" if name == SERVERLESS else "Instances")


def check_app(app: Structure, apps: Iterable[Structure]) -> None:
    """Check that an account may run one more app.

    Args:
        app: the description of the app to come.
        apps: those of the apps that run.

    Raises:
        ServiceError: ResourceLimitExceeded.
    """
    name = _app_quota(app)
    _check(name, sum(_app_quota(each) == name for each in apps), 1, "Apps")


def check_domain(domains: int) -> None:
    """Check that an account that has so many domains may have one more.

    Raises:
        ServiceError: ResourceLimitExceeded.
    """
    _check(DOMAINS, domains, 1, "Domains")


def limit(name: str) -> int:
    """Return the value of a quota, by its name."""
    if settings.quotas() == "fresh":
        return FRESH.get(name, 0)
    return OLD.get(name, 0 if ACCELERATED.search(name) else OLD_INSTANCES)


def instance_quota(instance_type: str, use: str) -> str:
    """Return the name of the quota of an instance type for a use."""
    return f"{instance_type} for {use}"


def app_quota(app_type: str, instance_type: str) -> str:
    """Return the name of the quota of the apps of a type on an instance type."""
    return f"Studio {app_type} Apps running on {instance_type} instances"


def _app_quota(app: Structure) -> str:
    spec = app.get("ResourceSpec", {})
    return app_quota(app["AppType"], spec.get("InstanceType", DEFAULT_APP_INSTANCE))


def _use_name(use: JobUse, job: Structure) -> str:
    return f"spot {use.name}" if job.get("EnableManagedSpotTraining") else use.name


def _check(name: str, running: int, required: int, unit: str) -> None:
    allowed = limit(name)
    if running + required > allowed:
        raise limit_exceeded(
            f"The account-level service limit '{name}' is {allowed} {unit}, with current "
            f"utilization of {running} {unit} and a request delta of {required} {unit}. Please use "
            "AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is "
            "not available, contact AWS support to request an increase for this quota."
        )
