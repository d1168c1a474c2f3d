"""Quotas are counted by type and use, over what runs; a fresh account has hardly any."""

from typing import Any

import pytest

from local import layout
from local.sagemaker.core import quotas
from local.sagemaker.core.errors import ServiceError


def job(kind: str, count: int, status: str = "InProgress", **more: Any) -> dict[str, Any]:
    """Return the description of a training job with `count` instances of a type."""
    resources = {"InstanceType": kind, "InstanceCount": count}
    return {"ResourceConfig": resources, "TrainingJobStatus": status, **more}


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the account play a fresh one."""
    monkeypatch.setenv(layout.QUOTAS_VARIABLE, "fresh")


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
def test_an_old_account_has_no_accelerators(kind: str) -> None:
    quota = quotas.instance_quota(kind, quotas.ENDPOINT_USE)
    with pytest.raises(ServiceError, match=f"'{kind} for endpoint usage' is 0 Instances"):
        quotas.check_endpoint({quota: 1}, {})


@pytest.mark.usefixtures("fresh")
def test_a_fresh_account_cannot_train() -> None:
    with pytest.raises(
        ServiceError, match=r"'ml\.m5\.large for training job usage' is 0 Instances"
    ):
        quotas.check_job(quotas.TRAINING, job("ml.m5.large", 1), [])


@pytest.mark.usefixtures("fresh")
def test_a_fresh_account_has_two_small_instances_for_endpoints() -> None:
    quota = quotas.instance_quota("ml.t2.medium", quotas.ENDPOINT_USE)
    quotas.check_endpoint({quota: 1}, {quota: 1})
    with pytest.raises(ServiceError, match="current utilization of 1 Instances"):
        quotas.check_endpoint({quota: 2}, {quota: 1})


@pytest.mark.usefixtures("fresh")
def test_a_fresh_account_has_ten_concurrent_requests_for_all_serverless_endpoints() -> None:
    quotas.check_endpoint({quotas.SERVERLESS: 5}, {quotas.SERVERLESS: 5})
    with pytest.raises(ServiceError, match="across all serverless endpoints' is 10"):
        quotas.check_endpoint({quotas.SERVERLESS: 6}, {quotas.SERVERLESS: 5})


@pytest.mark.usefixtures("fresh")
def test_apps_count_by_type_and_instance_type() -> None:
    app = {"AppType": "JupyterLab"}
    larger = {**app, "ResourceSpec": {"InstanceType": "ml.m5.large"}}
    editor = {"AppType": "CodeEditor", "ResourceSpec": {"InstanceType": "ml.t3.medium"}}
    quotas.check_app(app, [app, larger, editor])
    with pytest.raises(ServiceError, match=r"JupyterLab Apps running on ml\.t3\.medium instances'"):
        quotas.check_app(app, [app, app])
    with pytest.raises(ServiceError, match="is 0 Apps, with current utilization of 0 Apps"):
        quotas.check_app(larger, [])


def test_an_account_has_a_number_of_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    quotas.check_domain(9)
    with pytest.raises(ServiceError, match="'Total domains' is 10 Domains"):
        quotas.check_domain(10)
    monkeypatch.setenv(layout.QUOTAS_VARIABLE, "fresh")
    with pytest.raises(ServiceError, match="'Total domains' is 1 Domains"):
        quotas.check_domain(1)
