"""The endpoint's options fit together, or the setting that does not is named."""

from typing import Any

import pytest
from aws_cdk import App

from stacks.endpoint_settings import BlueGreen, Endpoint
from stacks.settings import SettingsError, from_context


def _endpoint(**endpoint: Any) -> Any:
    context = {"factorstack": {"endpoint": endpoint}}
    return from_context(App(context=context).node, "us-east-1").endpoint


def test_without_options_there_is_one_instance() -> None:
    endpoint = _endpoint()
    assert endpoint.instance_count == 1
    assert endpoint.serverless is endpoint.autoscaling is endpoint.blue_green is None


@pytest.mark.parametrize(
    "options",
    [
        {"serverless": {}},
        {"serverless": {"memory_mib": 4096, "max_concurrency": 20}},
        {"instance_type": "ml.m5.large", "autoscaling": {"maximum": 8}},
        {"instance_count": 2, "blue_green": {"step_percent": 10}},
        {"blue_green": {"steps": "all_at_once"}},
    ],
)
def test_an_option_is_taken(options: dict[str, Any]) -> None:
    assert set(options) <= _endpoint(**options).model_fields_set


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"serverless": {}, "instance_count": 2}, "serverless has no instances.*instance_count"),
        ({"serverless": {}, "blue_green": {}}, "leave out blue_green"),
        ({"serverless": {"memory_mib": 2000}}, r"endpoint\.serverless\.memory_mib"),
        ({"autoscaling": {}}, "ml.t2.medium is burstable"),
        (
            {"instance_type": "ml.m5.large", "autoscaling": {"minimum": 5, "maximum": 2}},
            "maximum 2 is less than minimum 5",
        ),
        (
            {"instance_type": "ml.m5.large", "autoscaling": {"minimum": 2}},
            "instance_count 1 is outside",
        ),
        ({"blue_green": {"steps": "canary"}}, "blue_green .* instance_count 2 or more"),
        (
            {
                "instance_type": "ml.m5.large",
                "instance_count": 2,
                "autoscaling": {},
                "blue_green": {},
            },
            "autoscaling.minimum 2 or more",
        ),
        (
            {"instance_count": 2, "blue_green": {"steps": "linear", "step_percent": 5}},
            r"endpoint\.blue_green: .*linear needs step_percent 10 to 50, not 5",
        ),
        (
            {
                "instance_count": 2,
                "blue_green": {"steps": "linear", "step_percent": 10, "wait_minutes": 60},
            },
            "10 steps with wait_minutes 60 take 8 hours or more",
        ),
        ({"instance_count": 2, "blue_green": {"step_percent": 80}}, r"blue_green\.step_percent"),
    ],
)
def test_what_cannot_be_deployed_is_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        _endpoint(**options)


@pytest.mark.parametrize(
    ("blue_green", "minutes"),
    [
        (None, 60),
        (BlueGreen(steps="all_at_once", wait_minutes=7), 67),
        (BlueGreen(steps="canary", wait_minutes=30), 120),
        (BlueGreen(steps="linear", step_percent=30, wait_minutes=60), 300),
    ],
)
def test_a_roll_out_takes_as_long_as_its_steps(blue_green: BlueGreen | None, minutes: int) -> None:
    endpoint = Endpoint(instance_type="ml.m5.large", instance_count=2, blue_green=blue_green)
    assert endpoint.roll_out_minutes == minutes
