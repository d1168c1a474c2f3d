"""Service Quotas tells by name what the local SageMaker enforces, page by page."""

import pytest

from local import layout
from local.ministack.adapter import Caller
from local.sagemaker import service_quotas
from local.sagemaker.core.errors import ServiceError

CALLER = Caller("test", "000000000000", "eu-central-1")
TRAINING = "ml.m5.large for training job usage"


def values() -> dict[str, float]:
    """Return every quota's value by its name, from all pages."""
    found: dict[str, float] = {}
    request = {"ServiceCode": "sagemaker"}
    while True:
        page = service_quotas.list_quotas(CALLER, request)
        assert len(page["Quotas"]) <= service_quotas.PAGE
        found |= {quota["QuotaName"]: quota["Value"] for quota in page["Quotas"]}
        if "NextToken" not in page:
            return found
        request = {**request, "NextToken": page["NextToken"]}


def test_all_pages_together_have_every_quota_once() -> None:
    names = list(service_quotas.names())
    assert len(names) == len(set(names)) > service_quotas.PAGE
    assert set(values()) == set(names)


def test_values_are_those_that_are_enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert values()[TRAINING] == 20
    monkeypatch.setenv(layout.QUOTAS_VARIABLE, "fresh")
    fresh = values()
    assert fresh[TRAINING] == 0
    assert fresh["ml.t2.medium for endpoint usage"] == 2
    assert fresh["Studio JupyterLab Apps running on ml.t3.medium instances"] == 2


def test_a_quota_has_a_code_and_an_arn() -> None:
    page = service_quotas.list_quotas(CALLER, {"ServiceCode": "sagemaker", "MaxResults": 1})
    (quota,) = page["Quotas"]
    arn = f"arn:aws:servicequotas:eu-central-1:000000000000:sagemaker/{quota['QuotaCode']}"
    assert quota["QuotaArn"] == arn
    assert quota["QuotaCode"].startswith("L-")


def test_another_service_and_a_wrong_token_are_refused() -> None:
    with pytest.raises(ServiceError, match="service does not exist"):
        service_quotas.list_quotas(CALLER, {"ServiceCode": "s3"})
    with pytest.raises(ServiceError, match="Invalid NextToken"):
        service_quotas.list_quotas(CALLER, {"ServiceCode": "sagemaker", "NextToken": "next"})
