"""Quotas are counted by type and use, over the jobs that run."""

from typing import Any

import pytest

from local.sagemaker.core import quotas
from local.sagemaker.core.errors import ServiceError


def job(kind: str, count: int, status: str = "InProgress", **more: Any) -> dict[str, Any]:
    """Return the description of a training job with `count` instances of a type."""
    resources = {"InstanceType": kind, "InstanceCount": count}
    return {"ResourceConfig": resources, "TrainingJobStatus": status, **more}


def test_ended_jobs_and_other_uses_and_types_do_not_count() -> None:
    spot: dict[str, Any] = {"EnableManagedSpotTraining": True}
    jobs = [
        job("ml.m5.large", 20, "Completed"),
        job("ml.m5.xlarge", 20),
        job("ml.m5.large", 20, **spot),
        job("ml.m5.large", 10),
    ]
    quotas.check_job(quotas.TRAINING, job("ml.m5.large", 10), jobs)
    with pytest.raises(ServiceError) as caught:
        quotas.check_job(quotas.TRAINING, job("ml.m5.large", 11), jobs)
    assert caught.value.code == "ResourceLimitExceeded"
    assert caught.value.message.startswith(
        "The account-level service limit 'ml.m5.large for training job usage' is 20 Instances, "
        "with current utilization of 10 Instances and a request delta of 11 Instances."
    )


@pytest.mark.parametrize("kind", ["ml.p3.2xlarge", "ml.g5.xlarge", "ml.trn1.2xlarge"])
def test_fresh_account_has_no_accelerators(kind: str) -> None:
    with pytest.raises(ServiceError, match=f"'{kind} for endpoint usage' is 0 Instances"):
        quotas.check_endpoint({kind: 1}, {})
