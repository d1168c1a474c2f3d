"""Shared by the clean-up's tests: real clients without an account, and the service models."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.stub import Stubber
from botocore.validate import ParamValidator

from cleanup import aws
from cleanup.deletion_plan import Call, Plan


def _client(service: str) -> Any:
    return boto3.client(
        service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture(scope="session")
def clients() -> Callable[[str], Any]:
    """Real boto3 clients, one for each service."""
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = _client(service)
        return made[service]

    return client


@pytest.fixture(scope="session")
def check_calls(clients: Callable[[str], Any]) -> Callable[[Plan], None]:
    """Check every call of a plan against botocore's model of its service."""

    def check(plan: Plan) -> None:
        for call in plan.calls:
            _check(clients(call.service), call)

    return check


def _check(client: Any, call: Call) -> None:
    model = client.meta.service_model
    names = {xform_name(name): name for name in model.operation_names}
    assert call.operation in names, f"{call.service} has no operation {call.operation}"
    shape = model.operation_model(names[call.operation]).input_shape
    report = ParamValidator().validate(call.parameters, shape)
    assert not report.has_errors(), report.generate_report()


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Stubber]]:
    """Give `cleanup.aws` clients with the responses that a test adds; all must be consumed."""
    stubbers: dict[str, Stubber] = {}

    def stubber(service: str) -> Stubber:
        if service not in stubbers:
            stubbers[service] = Stubber(_client(service))
            stubbers[service].activate()
        return stubbers[service]

    monkeypatch.setattr(aws, "client", lambda service: stubber(service).client)
    yield stubber
    for each in stubbers.values():
        each.assert_no_pending_responses()
