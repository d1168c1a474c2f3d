"""RollBackModel undoes its own execution's deployment and no other."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tasks import roll_back_model
from tasks.rollout import serving_stack
from tasks.rollout.lock import DeploymentLock
from tasks.run.errors import RollBackFailed, ServiceUnavailable
from tasks.run.payloads import RollBackModelEvent

NEW, BEFORE, OTHER = (f"s3://b/runs/{run}/model/j/output/model.tar.gz" for run in "nbo")
EVENT: RollBackModelEvent = {
    "execution": "n",
    "execution_arn": "arn",
    "started": "2026-01-01T12:00:00Z",
    "input": {},
    "deployment": {
        "model_data_url": NEW,
        "previous_model_data_url": BEFORE,
        "started": True,
        "status": {"done": True, "wait_seconds": 16},
    },
    "failure": {"Error": "EndpointNotVerified", "Cause": "the scores differ"},
}
CONTEXT: Any = None


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the stack was updated to; it serves the artifact that `_serve` says."""
    urls: list[str] = []

    def update(_stack: Any, model_data_url: str, role_arn: str) -> bool:
        assert role_arn == "role"
        urls.append(model_data_url)
        return True

    for name, value in {
        "BUCKET": "b",
        "SERVING_STACK": "fs-serving",
        "SERVING_ROLE_ARN": "role",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(DeploymentLock, "acquire", lambda _lock: None)
    monkeypatch.setattr(serving_stack, "update", update)
    return urls


def _serve(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    stack = {"Parameters": [{"ParameterKey": "ModelDataUrl", "ParameterValue": url}]}
    monkeypatch.setattr(serving_stack, "describe", lambda _name: stack)


@pytest.mark.parametrize("serves", [NEW, BEFORE])
def test_the_model_before_comes_back(
    monkeypatch: pytest.MonkeyPatch, updates: list[str], serves: str
) -> None:
    _serve(monkeypatch, serves)
    assert roll_back_model.handler(EVENT, CONTEXT)["model_data_url"] == BEFORE
    assert updates == [BEFORE]


def test_what_another_execution_deployed_since_then_stays(
    monkeypatch: pytest.MonkeyPatch, updates: list[str]
) -> None:
    _serve(monkeypatch, OTHER)
    with pytest.raises(RollBackFailed, match=f"scores differ; .*another deployment put {OTHER}"):
        roll_back_model.handler(EVENT, CONTEXT)
    assert updates == []


def test_a_service_that_cannot_be_reached_is_retried_by_its_error(
    monkeypatch: pytest.MonkeyPatch, updates: list[str]
) -> None:
    def unreachable(_name: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://cloudformation")

    monkeypatch.setattr(serving_stack, "describe", unreachable)
    with pytest.raises(ServiceUnavailable):
        roll_back_model.handler(EVENT, CONTEXT)
    assert updates == []
