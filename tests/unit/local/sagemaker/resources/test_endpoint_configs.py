"""What the local account would not do is refused in an endpoint configuration."""

from collections.abc import Callable
from typing import Any

import pytest

from local.sagemaker.core.api import Response
from local.sagemaker.core.errors import ServiceError
from local.sagemaker.core.region import Region
from local.sagemaker.resources.endpoint_configs import NOT_SERVED, find

Call = Callable[..., Response]
CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def create(call: Call, **members: Any) -> None:
    """Create a configuration `more` with these members beside what is necessary."""
    needed: dict[str, Any] = {
        "ProductionVariants": [
            {
                "VariantName": "A",
                "ModelName": "model",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
        **dict.fromkeys(NOT_SERVED),
    }
    call("CreateEndpointConfig", **(needed | {"EndpointConfigName": "more"} | members))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("AsyncInferenceConfig", {"OutputConfig": {"S3OutputPath": "s3://bucket/answers"}}),
        ("DataCaptureConfig", CAPTURE | {"EnableCapture": True}),
        ("DataCaptureConfig", CAPTURE),  # it is enabled by default
        ("ExplainerConfig", {"ClarifyExplainerConfig": {}}),
        ("ShadowProductionVariants", [{"VariantName": "B"}]),
    ],
)
def test_what_endpoints_would_not_do_is_refused(
    region: Region, call: Call, member: str, value: Any
) -> None:
    with pytest.raises(ServiceError, match=f"leave out {member}") as caught:
        create(call, **{member: value})
    assert caught.value.code == "ValidationException"
    with pytest.raises(ServiceError, match="Could not find endpoint configuration"):
        find(region, "more")


def test_data_capture_that_is_switched_off_is_kept(region: Region, call: Call) -> None:
    create(call, DataCaptureConfig=CAPTURE | {"EnableCapture": False})
    assert find(region, "more").description["DataCaptureConfig"] == CAPTURE | {
        "EnableCapture": False
    }
