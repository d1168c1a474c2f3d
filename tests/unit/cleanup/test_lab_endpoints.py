"""What was made by hand in the lab is deleted: endpoints first, and nothing of anyone else."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from botocore.stub import Stubber

from cleanup import lab_endpoints
from cleanup.deletion_plan import Plan
from cleanup.lab_endpoints import Made

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
ARN = "arn:aws:sagemaker:eu-west-1:111122223333"


def operations(plan: Plan) -> list[str]:
    return [call.operation for call in plan.calls]


def test_endpoints_go_before_what_they_are_made_from(check_calls: Callable[[Plan], None]) -> None:
    made = Made([{"EndpointName": "mine-lab-1", "EndpointStatus": "InService"}], ["c"], ["m"])
    plan = lab_endpoints.plan(made)
    check_calls(plan)
    assert operations(plan) == ["delete_endpoint"]
    assert plan.remaining == (
        "endpoint mine-lab-1 (InService)",
        "endpoint config c",
        "model m",
    )


def test_an_endpoint_that_is_changing_is_waited_for() -> None:
    for status in ("Creating", "Updating", "Deleting"):
        plan = lab_endpoints.plan(Made([{"EndpointName": "e", "EndpointStatus": status}]))
        assert plan == Plan(remaining=(f"endpoint e ({status})",))


def test_configs_and_models_go_once_no_endpoint_is_left(
    check_calls: Callable[[Plan], None],
) -> None:
    plan = lab_endpoints.plan(Made((), ["c"], ["m"]))
    check_calls(plan)
    assert operations(plan) == ["delete_endpoint_config", "delete_model"]


def test_nothing_made_is_done() -> None:
    assert lab_endpoints.plan(Made()) == Plan()


def _item(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {f"{kind}Name": name, f"{kind}Arn": f"{ARN}:x/{name}", "CreationTime": NOW, **more}


def test_only_names_of_this_lab_are_found(stub: Callable[[str], Stubber]) -> None:
    sagemaker, by_name = stub("sagemaker"), {"NameContains": "mine-lab-"}
    for operation, key, kind in (
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfig"),
        ("list_models", "Models", "Model"),
    ):
        items = [_item(kind, name) for name in ("mine-lab-1", "all-mine-lab-1")]
        sagemaker.add_response(operation, {key: items}, by_name)
    status = {"EndpointStatus": "InService", "LastModifiedTime": NOW}
    endpoints = [_item("Endpoint", name, **status) for name in ("mine-lab-1", "all-mine-lab-1")]
    sagemaker.add_response("list_endpoints", {"Endpoints": endpoints}, by_name)
    made = lab_endpoints.look("mine")
    assert [endpoint["EndpointName"] for endpoint in made.endpoints] == ["mine-lab-1"]
    assert (made.configs, made.models) == (("mine-lab-1",), ("mine-lab-1",))
