"""Clients that insist on AWS's own hosts, as the SageMaker SDKs do, reach the local account."""

import socket
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.account import LocalAccount

Insisting = Callable[..., Any]


@pytest.fixture
def insisting(account: LocalAccount) -> Insisting:
    """Return a function that makes clients without the account's endpoint, but with its proxy."""

    def make(service: str, region: str = "us-east-1", **options: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,
            region_name=region,
            verify=str(account.certificate),
            config=Config(proxies={"https": account.proxy_url}),
            **(keys | options),
        )

    return make


def test_execution_role_is_found_at_the_host_of_its_region(
    insisting: Insisting, client: Callable[..., Any], make_role: Callable[..., str]
) -> None:
    role = make_role("studio-user", "arn:aws:iam::000000000000:root")
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="SageMaker")["Credentials"]
    credentials = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    sts = insisting("sts", endpoint_url="https://sts.us-east-1.amazonaws.com", **credentials)
    expected = "arn:aws:sts::000000000000:assumed-role/studio-user/SageMaker"
    assert sts.get_caller_identity()["Arn"] == expected
    with pytest.raises(ClientError, match="is not authorized to perform: iam:GetRole"):
        insisting("iam", **credentials).get_role(RoleName="studio-user")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-3", "cn-north-1"])
def test_bucket_is_reached_by_its_own_host(insisting: Insisting, region: str) -> None:
    s3, bucket = insisting("s3", region), f"by-host-{region}"
    where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else where))
    s3.put_object(Bucket=bucket, Key="a key/1", Body=b"content")
    answer = s3.get_object(Bucket=bucket, Key="a key/1")
    assert answer["Body"].read() == b"content"
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="missing")


def test_host_of_aws_that_does_not_exist_answers(insisting: Insisting) -> None:
    url = "https://no-such-host.us-east-1.amazonaws.com"
    identity = insisting("sts", endpoint_url=url).get_caller_identity()
    assert identity["Account"] == "000000000000"


def test_other_host_passes_through(account: LocalAccount) -> None:
    proxy_port = int(account.proxy_url.rpartition(":")[2])
    with (
        socket.create_server(("127.0.0.1", 0)) as foreign,
        socket.create_connection(("127.0.0.1", proxy_port), 10) as client,
    ):
        client.sendall(f"CONNECT localhost:{foreign.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
        client.sendall(b"to the host")
        accepted, _ = foreign.accept()
        with accepted:
            assert accepted.recv(100) == b"to the host"


def test_variables_for_the_sdks_keep_clients_of_the_account_off_the_proxy(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", ".amazonaws.com")
    for name, value in account.sdk_environment.items():
        monkeypatch.setenv(name, value)
    sts = boto3.Session().client("sts")
    assert sts.meta.endpoint_url == account.url
    logged = account.log.read_text().count("[proxy]")
    sts.get_caller_identity()
    assert account.log.read_text().count("[proxy]") == logged
    url = "https://sts.us-east-1.amazonaws.com"
    boto3.Session().client("sts", endpoint_url=url).get_caller_identity()
    assert account.log.read_text().count("[proxy]") == logged + 1
