"""A region of the local SageMaker with a resource of every type, made by its operations.

Nothing runs, no other service is called, and what would happen later happens at once. Requests
have every member that the API has, so that none is stored in the wrong place unnoticed.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from local import layout
from local.ministack.adapter import Caller, Credentials
from local.sagemaker import service
from local.sagemaker.core import access, storage, wire
from local.sagemaker.core.api import Response
from local.sagemaker.core.operation import Call
from local.sagemaker.core.region import Region
from local.sagemaker.operation_table import OPERATIONS
from local.sagemaker.resources import (
    app_run,
    apps,
    domains,
    endpoint_configs,
    endpoints,
    home_file_system,
    hosting,
    training_run,
    transform_run,
)

CALLER = Caller("test", "000000000000", "us-east-1")
IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1"
INSTANCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/key"}}
VARIANT = {"VariantName": "A", "ModelName": "model", "InitialInstanceCount": 1}
# What replaces the examples of members: names of what exists, and what is not refused.
REQUESTS: dict[str, dict[str, Any]] = {
    "CreateModel": {
        "ModelName": "model",
        "Containers": [],
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"},
    },
    "CreateEndpointConfig": {
        "EndpointConfigName": "config",
        "ProductionVariants": [VARIANT | {"InstanceType": "ml.m5.large"}],
        **dict.fromkeys(endpoint_configs.NOT_SERVED),
    },
    "CreateEndpoint": {"EndpointName": "endpoint", "EndpointConfigName": "config"},
    "CreateTrainingJob": {
        "TrainingJobName": "training",
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": SOURCE}],
        "ResourceConfig": INSTANCES,
        "StoppingCondition": {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1},
    },
    "CreateTransformJob": {
        "TransformJobName": "transform",
        "ModelName": "model",
        "TransformInput": {"DataSource": SOURCE, "ContentType": "application/json"},
        "TransformResources": INSTANCES,
        "DataProcessing": {"InputFilter": "$"},
    },
    "CreateStudioLifecycleConfig": {"StudioLifecycleConfigContent": "ZWNobw=="},
    "CreateDomain": {"AuthMode": "IAM"},
    "CreateUserProfile": {"UserProfileName": "user"},
    "CreateSpace": {
        "SpaceName": "space",
        "OwnershipSettings": {"OwnerUserProfileName": "user"},
        "SpaceSettings": {"AppType": "JupyterLab", "RemoteAccess": "ENABLED"},
    },
    "CreateApp": {"AppType": "JupyterLab", "UserProfileName": None, "SpaceName": "space"},
}


def example(shape: Shape, depth: int = 0) -> Any:
    """Return a value of a shape with every member; lists and maps have one item."""
    if isinstance(shape, StructureShape):
        members = shape.members.items() if depth < 8 else ()
        return {name: example(member, depth + 1) for name, member in members}
    if isinstance(shape, ListShape):
        return [example(shape.member, depth + 1)]
    if isinstance(shape, MapShape):
        return {"key": example(shape.value, depth + 1)}
    values = {"boolean": True, "string": shape.metadata.get("enum", ["x"])[0]}
    return values.get(shape.type_name, 1)


class ImmediateTimer:
    """A timer that does its work as soon as it is started."""

    def __init__(self, delay: float, work: Callable[[], None]) -> None:
        del delay
        self._work = work

    def start(self) -> None:
        """Do the work."""
        self._work()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SageMaker with no resources, which calls no other service and does all at once."""
    monkeypatch.setattr(service, "_regions", {})
    monkeypatch.setattr(threading, "Timer", ImmediateTimer)
    monkeypatch.setattr(access, "assume", lambda *_: Credentials("test", "test", ""))
    for check in ("check_input", "check_model"):
        monkeypatch.setattr(storage, check, lambda *_: None)
    for run in (training_run, transform_run):
        monkeypatch.setattr(run, "start", lambda *_: None)
    monkeypatch.setenv(layout.HOMES_VARIABLE, str(tmp_path))
    monkeypatch.setattr(app_run, "run", lambda app: app.enter("InService"))
    for module in (apps, domains, endpoints):
        monkeypatch.setattr(module, "once_serving", lambda work: work())
    monkeypatch.setattr(home_file_system, "check_network", lambda *_: None)
    monkeypatch.setattr(home_file_system, "create", lambda _: "fs-1")
    monkeypatch.setattr(hosting, "launch", lambda *_: hosting.Fleet({}, {"A": 1.0}))


@pytest.fixture
def call(account: None) -> Callable[..., Response]:
    """Run an operation with an example of every member of its request that is not given."""

    def run(operation: str, **members: Any) -> Response:
        shape = wire.operations()[operation].input_shape
        assert shape is not None
        request = {**example(shape), **members}
        request = {name: value for name, value in request.items() if value is not None}
        region = service.region_of(CALLER.account, CALLER.region)
        response = OPERATIONS[operation].run(Call(region, CALLER, request))
        return wire.render(operation, response)

    return run


@pytest.fixture
def region(call: Callable[..., Response]) -> Region:
    """The region of `call`, with a resource of every type."""
    domain: dict[str, Any] = {}
    for operation, members in REQUESTS.items():
        response = call(operation, **domain, **members)
        domain = {"DomainId": response["DomainId"]} if operation == "CreateDomain" else domain
    return service.region_of(CALLER.account, CALLER.region)
