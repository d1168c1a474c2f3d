"""A pytest plugin that runs moto's tests against the local account instead of moto's mock.

Every test gets an account of its own, started from the command line (`python -m local`), with the
roles and objects that the tests use; environment variables alone lead the clients to it. A test in
`not_passing.toml` must fail with one of the texts listed there; all others must pass.
"""

import shlex
import subprocess
import tomllib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import moto  # type: ignore[import-not-found]
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1"
ROLE = "arn:aws:iam::000000000000:role/FakeRole"
TRUST = (
    '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "sagemaker.amazonaws.com"}}]}'
)
POLICY = '{"Statement": [{"Effect": "Allow", "Action": ["s3:*", "logs:*"], "Resource": "*"}]}'
DATA = "sagemaker/DEMO-breast-cancer-prediction//{}/data"
WORDS = pytest.StashKey[list[str]]()


def _unmocked(function: Callable[..., Any] | None = None) -> Any:
    """Replace `mock_aws`, as a decorator or as a context, by nothing."""
    return function or _nothing()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


moto.mock_aws = _unmocked


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the listed tests to fail.

    Raises:
        UsageError: the list names a test that does not exist.
    """
    groups = tomllib.loads((HERE / "not_passing.toml").read_text())["group"]
    listed = {test: group for group in groups for test in group["tests"]}
    collected = {_name(item): item for item in items}
    if unknown := sorted(set(listed) - set(collected)):
        raise pytest.UsageError(
            f"not_passing.toml lists tests that do not exist: {', '.join(unknown)}"
        )
    for name, group in listed.items():
        collected[name].stash[WORDS] = group["words"]
        collected[name].add_marker(pytest.mark.xfail(reason=group["reason"], strict=True))


def _name(item: pytest.Item) -> str:
    return f"{Path(item.location[0]).stem}::{item.name}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a listed test that fails with another text than listed as failed."""
    report = yield
    if report.skipped and call.excinfo is not None:
        shown = str(call.excinfo.getrepr())
        expected = item.stash.get(WORDS, [])
        if not any(words in shown for words in expected):
            report.outcome = "failed"
            report.longrepr = f"{shown}\nexpected to fail with one of: {expected}"
    return report


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    command = [str(ROOT / ".venv/bin/python"), "-m", "local", "--delay", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            for line in server.stdout:
                name, _, value = line.removeprefix("export ").partition("=")
                monkeypatch.setenv(name, shlex.split(value)[0])
                if name == "AWS_DEFAULT_REGION":
                    break
            monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
            _make_roles_and_objects()
            if "transform" in request.node.name:
                _make_model()
            yield
        finally:
            server.terminate()


def _make_roles_and_objects() -> None:
    iam, s3 = boto3.client("iam"), boto3.client("s3")
    for role in ("FakeRole", "FooRole"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName=role, PolicyName="policy", PolicyDocument=POLICY)
    s3.create_bucket(Bucket="my-bucket")
    s3.upload_file("model.tar.gz", "my-bucket", "model.tar.gz")
    for key in (DATA.format("train"), DATA.format("validation"), "input/data"):
        s3.put_object(Bucket="my-bucket", Key=key, Body=b"{}")


def _make_model() -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://my-bucket/model.tar.gz"}
    boto3.client("sagemaker").create_model(
        ModelName="mymodelname", ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
