"""The preflight in an account that plays a fresh one, and in one that plays an old one."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from commands import preflight
from commands.assembly import Assembly
from commands.console import CommandError
from commands.place import Place, enter
from local import layout
from local.account import LocalAccount

REGION = "eu-west-1"
TRAINING = "ml.m5.large for training job usage"
APP = {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def assembly() -> Assembly:
    """Return one with what the preflight looks at, without the time that synthesis takes."""
    job = {"ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large"}}
    states = json.dumps({"States": {"TrainModel": {"Type": "Task", "Parameters": job}}})
    variant = {"InstanceType": "ml.t2.medium", "InitialInstanceCount": 1}
    resources = {
        "Machine": resource("StepFunctions::StateMachine", DefinitionString=states),
        "Function": resource("Lambda::Function", MemorySize=3008),
        "Config": resource("SageMaker::EndpointConfig", ProductionVariants=[variant]),
        "Domain": resource(
            "SageMaker::Domain",
            DomainName="mine",
            DefaultUserSettings={"JupyterLabAppSettings": APP},
        ),
        "Space": resource("SageMaker::Space", SpaceSettings={"AppType": "JupyterLab"}),
    }
    return Assembly(Path(), {"mine": {"Resources": resources}}, 6)


@pytest.fixture(scope="module", params=["fresh", "old"])
def profile(request: pytest.FixtureRequest) -> Iterator[layout.Quotas]:
    """An account of each profile, the environment's own, in a region that only AWS_REGION names."""
    quotas: layout.Quotas = request.param
    with (
        LocalAccount(delay=0.0, region=REGION, quotas=quotas) as account,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in account.environment.items():
            patch.setenv(name, value)
        patch.delenv("AWS_DEFAULT_REGION")
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        yield quotas


def states(place: Place) -> dict[str, str]:
    return {each.check: each.state for each in preflight.check_deploy(assembly(), place)}


def test_only_what_an_account_lacks_is_missing(
    profile: layout.Quotas, capsys: pytest.CaptureFixture[str]
) -> None:
    place = enter()
    assert f"account 000000000000, region {REGION}" in capsys.readouterr().out
    judged = preflight.check_deploy(assembly(), place)
    missing = {each.check for each in judged if each.state == "missing"}
    assert missing == {"CDK bootstrap"} | ({TRAINING} if profile == "fresh" else set())
    assert len(judged) == 7
    with pytest.raises(CommandError, match="nothing has been changed"):
        preflight.refuse(judged)
    shown = capsys.readouterr().out
    link = (
        f"https://{REGION}.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas/L-"
    )
    assert (f"{TRAINING}: ask for 1 or more: {link}" in shown) == (profile == "fresh")


def test_once_the_account_is_bootstrapped_the_old_one_has_everything(
    profile: layout.Quotas,
) -> None:
    ssm = boto3.client("ssm", region_name=REGION)
    name = "/cdk-bootstrap/hnb659fds/version"
    ssm.put_parameter(Name=name, Value="30", Type="String", Overwrite=True)
    found = states(enter())
    assert found.pop(TRAINING) == ("missing" if profile == "fresh" else "ok")
    assert set(found.values()) == {"ok"}


def test_what_may_not_be_read_cannot_be_told(
    profile: layout.Quotas, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = boto3.client("iam", region_name=REGION)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert profile
    found = states(enter())
    assert found.pop("Lambda memory") == "ok"
    assert found == dict.fromkeys(found, "cannot tell")
    assert os.environ["AWS_DEFAULT_REGION"] == REGION


def test_a_fresh_account_refuses_functions_with_much_memory(profile: layout.Quotas) -> None:
    request: dict[str, Any] = {"FunctionName": "f", "Runtime": "python3.13", "Handler": "a.b"}
    request |= {"Role": "arn:aws:iam::000000000000:role/none", "MemorySize": 4096}
    create: Callable[..., object] = boto3.client("lambda", region_name=REGION).create_function
    with pytest.raises(ClientError) as refused:
        create(**request, Code={"ZipFile": b"PK\x05\x06" + bytes(18)})
    assert ("equal to 3008" in str(refused.value)) == (profile == "fresh")
