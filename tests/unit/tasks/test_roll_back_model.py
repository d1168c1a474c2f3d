"""RollBackModel undoes its own execution's deployment and no other."""

from typing import Any

import pytest

from tasks import roll_back_model
from tasks.rollout import lock
from tasks.rollout import stack as cloudformation
from tasks.run.errors import RollBackFailed

NEW, BEFORE, OTHER = (f"s3://b/runs/{run}/model/j/output/model.tar.gz" for run in "nbo")
EVENT = {
    "execution_arn": "arn",
    "deployment": {"model_data_url": NEW, "previous_model_data_url": BEFORE},
    "failure": {"Error": "EndpointNotVerified", "Cause": "the scores differ"},
}
CONTEXT: Any = None


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the stack was updated to; it serves the artifact that `_serving` says."""
    made: list[str] = []

    def update(_stack: Any, model_data_url: str) -> bool:
        made.append(model_data_url)
        return True

    monkeypatch.setattr(lock, "acquire", lambda _arn: None)
    monkeypatch.setattr(cloudformation, "update_serving_stack", update)
    return made


def _serving(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    stack = {"Parameters": [{"ParameterKey": "ModelDataUrl", "ParameterValue": url}]}
    monkeypatch.setattr(cloudformation, "serving_stack", lambda: stack)


@pytest.mark.parametrize("serves", [NEW, BEFORE])
def test_the_model_before_comes_back(
    monkeypatch: pytest.MonkeyPatch, updates: list[str], serves: str
) -> None:
    _serving(monkeypatch, serves)
    assert roll_back_model.handler(EVENT, CONTEXT)["model_data_url"] == BEFORE
    assert updates == [BEFORE]


def test_what_another_execution_deployed_since_then_stays(
    monkeypatch: pytest.MonkeyPatch, updates: list[str]
) -> None:
    _serving(monkeypatch, OTHER)
    with pytest.raises(RollBackFailed, match=f"scores differ; .*another deployment put {OTHER}"):
        roll_back_model.handler(EVENT, CONTEXT)
    assert updates == []
