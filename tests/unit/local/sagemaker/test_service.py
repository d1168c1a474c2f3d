"""The control plane answers requests that it does not serve, of every API of SageMaker."""

import asyncio
import json
import logging

import pytest

from local.sagemaker import service


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"x-amz-target": "SageMaker.CreateExperiment"}, "CreateExperiment"),
        ({}, "GET /FeatureGroup/f"),  # the feature store's API has paths for its operations
    ],
)
def test_unknown_operation_is_refused_and_logged_by_name(
    headers: dict[str, str], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "sagemaker")
    status, _, body = asyncio.run(service.handle("GET", "/FeatureGroup/f", headers, b"", {}))
    assert status == 400
    assert json.loads(body)["__type"] == "UnknownOperationException"
    assert f"operation {name} is not served by the local account" in caplog.text
