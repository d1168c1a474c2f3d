"""What endpoints ask for, which depends on how they are set up; the rest is in tests/synth."""

from typing import Any

import pytest

from commands.quota_needs import QuotaNeed, quota_needs


def template(variant: dict[str, Any], most_instances: int = 0) -> dict[str, Any]:
    """Return a template with an endpoint config of one variant, scaled if `most_instances`."""
    config = {"Type": "AWS::SageMaker::EndpointConfig"}
    resources = {"Config": {**config, "Properties": {"ProductionVariants": [variant]}}}
    if most_instances:
        resources["Target"] = {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {"MaxCapacity": most_instances},
        }
    return {"Resources": resources}


@pytest.mark.parametrize(
    ("instances", "most_instances", "least"), [(1, 0, 2), (3, 0, 6), (1, 8, 8), (4, 5, 8)]
)
def test_an_endpoint_needs_two_fleets_and_as_many_instances_as_it_may_scale_to(
    instances: int, most_instances: int, least: int
) -> None:
    variant = {"InstanceType": "ml.c5.large", "InitialInstanceCount": instances}
    assert quota_needs({"serving": template(variant, most_instances)}) == [
        QuotaNeed("ml.c5.large for endpoint usage", least, "endpoint.instance_type")
    ]


def test_a_serverless_endpoint_needs_its_concurrency_and_no_instances() -> None:
    variant = {"ServerlessConfig": {"MaxConcurrency": 7, "MemorySizeInMB": 2048}}
    (need,) = quota_needs({"serving": template(variant)})
    assert need.least == 7
    assert need.name.endswith("across all serverless endpoints")
