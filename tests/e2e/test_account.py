"""The local account as a whole: it starts, is independent of others, and leaves nothing behind."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.account import AccountError, LocalAccount


def processes_in(group: int) -> list[str]:
    """Return the command lines of the processes of a process group."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pgid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [line for line in listing if int(line.split()[0]) == group]


def client_of(account: LocalAccount, service: str) -> Any:
    """Return a client of a service of an account, as its root."""
    return boto3.client(
        service,
        endpoint_url=account.url,
        verify=str(account.certificate),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def invoke_a_function(account: LocalAccount) -> None:
    """Make the account start a Lambda worker, which then waits for further invocations."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = client_of(account, "iam").create_role(
        RoleName="worker",
        AssumeRolePolicyDocument=json.dumps({"Statement": [trust | {"Action": "sts:AssumeRole"}]}),
    )["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def handler(event, context):\n    return 1\n")
    functions = client_of(account, "lambda")
    functions.create_function(
        FunctionName="worker",
        Runtime="python3.13",
        Handler="code.handler",
        Role=role,
        Code={"ZipFile": packed.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="worker")
    assert functions.invoke(FunctionName="worker")["Payload"].read() == b"1"


def wait_until_gone(group: int, folder: Path) -> bool:
    """Tell whether the processes of the group and the folder are gone within some seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not processes_in(group) and not folder.exists():
            return True
        time.sleep(0.1)
    return False


def test_two_accounts_are_independent(account: LocalAccount) -> None:
    with LocalAccount() as other:
        for which, bucket in ((account, "mine"), (other, "theirs")):
            s3 = client_of(which, "s3")
            s3.create_bucket(Bucket=bucket)
            names = {each["Name"] for each in s3.list_buckets()["Buckets"]}
            assert bucket in names
            assert not names >= {"mine", "theirs"}
        folder = other.folder
    assert not folder.exists()


def test_used_port_is_refused_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            AccountError, match=f"port {port} on 127.0.0.1 cannot be used"
        ) as caught:
            LocalAccount(port).start()
    assert "\n" not in str(caught.value)


def test_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AccountError, match="the state cannot be kept in") as caught:
        LocalAccount(persist=tmp_path / "file" / "below").start()
    assert "\n" not in str(caught.value)


def test_command_prints_exports_and_ends_when_interrupted(repository: Path) -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "local"], cwd=repository, stdout=subprocess.PIPE, text=True
    )
    assert command.stdout is not None
    *lines, last = [command.stdout.readline() for _ in range(8)]
    assert lines[0].startswith("export AWS_ENDPOINT_URL=https://127.0.0.1:")
    assert all(line.startswith("export ") for line in lines)
    assert last.startswith("# for the SageMaker SDKs, too: export HTTPS_PROXY=http://127.0.0.1:")
    command.send_signal(signal.SIGINT)
    assert command.wait(20) == 0


def test_clients_reach_it_past_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    with LocalAccount() as account:
        environment = account.environment
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert boto3.Session().client("sts").get_caller_identity()["Account"] == "000000000000"
    assert environment["NO_PROXY"] == "intranet.example,127.0.0.1"


def test_account_dies_with_an_owner_that_is_killed(repository: Path) -> None:
    program = (
        "import os, signal, subprocess, sys\n"
        "from local.account import LocalAccount\n"
        "account = LocalAccount().start()\n"
        "print(account._server.pid, account.folder, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    owner = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )
    group, folder = owner.stdout.split()
    assert owner.returncode == -signal.SIGKILL
    assert wait_until_gone(int(group), Path(folder))


def test_workers_die_with_a_server_that_is_killed() -> None:
    account = LocalAccount().start()
    server = account._server
    assert server is not None
    try:
        invoke_a_function(account)
        assert len(processes_in(server.pid)) > 1
        os.kill(server.pid, signal.SIGKILL)
        server.wait(20)
        assert not account.is_alive()
        deadline = time.monotonic() + 20
        while processes_in(server.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not processes_in(server.pid)
    finally:
        account.stop()


def test_state_is_kept_across_a_restart_on_request(tmp_path: Path) -> None:
    for expected in ([], ["kept"]):
        with LocalAccount(persist=tmp_path) as account:
            s3 = client_of(account, "s3")
            assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == expected
            if not expected:
                s3.create_bucket(Bucket="kept")


def test_state_of_sagemaker_is_kept_too(tmp_path: Path) -> None:
    config = {
        "StudioLifecycleConfigName": "kept",
        "StudioLifecycleConfigContent": "ZWNobw==",
        "StudioLifecycleConfigAppType": "JupyterLab",
    }
    with LocalAccount(persist=tmp_path) as account:
        sagemaker = client_of(account, "sagemaker")
        tags = [{"Key": "project", "Value": "factorstack"}]
        arn = sagemaker.create_studio_lifecycle_config(**config, Tags=tags)[
            "StudioLifecycleConfigArn"
        ]
        before = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName="kept")
    with LocalAccount(persist=tmp_path) as account:
        sagemaker = client_of(account, "sagemaker")
        after = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName="kept")
        assert after["CreationTime"] == before["CreationTime"]
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags


def test_what_was_under_way_is_finished_after_a_restart(tmp_path: Path) -> None:
    with LocalAccount(persist=tmp_path, delay=30.0) as account:
        ec2, sagemaker = client_of(account, "ec2"), client_of(account, "sagemaker")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        sagemaker.create_domain(
            DomainName="made",
            AuthMode="IAM",
            VpcId=vpc,
            SubnetIds=[subnet],
            DefaultUserSettings={"ExecutionRole": "arn:aws:iam::000000000000:role/any"},
        )
    with LocalAccount(persist=tmp_path, delay=0.0) as account:
        sagemaker = client_of(account, "sagemaker")
        deadline = time.monotonic() + 30
        (domain,) = sagemaker.list_domains()["Domains"]
        while domain["Status"] == "Pending" and time.monotonic() < deadline:
            time.sleep(0.1)
            (domain,) = sagemaker.list_domains()["Domains"]
        described = sagemaker.describe_domain(DomainId=domain["DomainId"])
    assert described["Status"] == "InService"
    assert described["HomeEfsFileSystemId"].startswith("fs-")
