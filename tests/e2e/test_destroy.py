"""`cdk destroy --all` leaves nothing, whatever was made by hand and whatever still runs.

The real CDK command line deploys and destroys it. The first destroy lacks a permission; the second
one goes on where the first stopped.
"""

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from commands.leftovers import Leftover, leftovers
from contract import log_groups, s3_layout
from local.account import LocalAccount

ROOT = Path(__file__).parents[2]
NAME = "gone"
OTHERS_JOB = "gone-too-train-0123456789ab-0/algo-1-1700000000"
OTHERS_APP = "d-zzzzzzzzzzzz/lab/JupyterLab/default"


@dataclass
class Deployment:
    """The environment variables of the account, and a folder for the commands that use it."""

    environment: dict[str, str]
    folder: Path

    def session(self, **keys: str) -> Any:
        credentials = keys or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.Session(region_name=self.environment["AWS_REGION"], **credentials)

    def client(self, service: str) -> Any:
        return self.session().client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            verify=self.environment["AWS_CA_BUNDLE"],
        )

    def left(self) -> list[Leftover]:
        class Clients:
            client = staticmethod(self.client)

        return leftovers(Clients(), NAME)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=ROOT if command[0].endswith("cdk") else self.folder,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def cdk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        app = [] if arguments[0] == "synth" else ["--app", str(self.folder / "cdk.out")]
        done = self.run(
            str(ROOT / "node_modules" / ".bin" / "cdk"), *arguments, *app, "--no-notices", "--ci"
        )
        (self.folder / f"{arguments[0]}.log").write_text(done.stdout + done.stderr)
        return done


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment, alone in its account."""
    folder = tmp_path_factory.mktemp("destroy")
    with LocalAccount() as account:
        made = Deployment(account.environment, folder)
        out, name = str(folder / "cdk.out"), f"factorstack.name={NAME}"
        for arguments in (
            ("synth", "--quiet", "--output", out, "--context", name),
            ("bootstrap",),
            ("deploy", "--all", "--require-approval", "never"),
        ):
            done = made.cdk(*arguments)
            assert done.returncode == 0, done.stdout + done.stderr
        yield made


@pytest.fixture(scope="module")
def notebook(deployment: Deployment) -> subprocess.CompletedProcess[str]:
    """The lab notebook's cells, run by the Studio user's role beside what the space writes."""
    sagemaker = deployment.client("sagemaker")
    (config,) = sagemaker.list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    content = sagemaker.describe_studio_lifecycle_config(
        StudioLifecycleConfigName=config["StudioLifecycleConfigName"]
    )["StudioLifecycleConfigContent"]
    written = re.search(r"<<'JSON'\n(.+?)\nJSON\n", base64.b64decode(content).decode(), re.DOTALL)
    assert written is not None
    (deployment.folder / "factorstack.json").write_text(written.group(1))
    cells = json.loads((ROOT / "notebooks" / "lab.ipynb").read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    (deployment.folder / "lab.py").write_text("\n\n".join(code))
    return deployment.run(sys.executable, "lab.py", **_credentials_of_the_user(deployment))


def _credentials_of_the_user(deployment: Deployment) -> dict[str, str]:
    sagemaker, iam = deployment.client("sagemaker"), deployment.client("iam")
    settings = sagemaker.describe_domain(DomainId=_domain_id(deployment))["DefaultUserSettings"]
    role = settings["ExecutionRole"]
    # Only SageMaker may assume it: for the test, so may the account.
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    iam.update_assume_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    answer = deployment.client("sts").assume_role(RoleArn=role, RoleSessionName="lab")
    return {
        "AWS_ACCESS_KEY_ID": answer["Credentials"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["Credentials"]["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["Credentials"]["SessionToken"],
    }


def _domain_id(deployment: Deployment) -> str:
    (domain,) = deployment.client("sagemaker").list_domains()["Domains"]
    return str(domain["DomainId"])


@pytest.fixture(scope="module")
def execution(deployment: Deployment, notebook: subprocess.CompletedProcess[str]) -> str:
    """The ARN of an execution that is training when destroy starts; all by hand is made too."""
    assert notebook.returncode == 0, notebook.stdout + notebook.stderr
    _work_in_studio(deployment)
    _leave_versions(deployment)
    _belong_to_others(deployment)
    states, sagemaker = deployment.client("stepfunctions"), deployment.client("sagemaker")
    (machine,) = (
        machine["stateMachineArn"]
        for machine in states.list_state_machines()["stateMachines"]
        if machine["name"] == NAME
    )
    long = {"hyperparameters": {"epochs": 100000}}
    arn: str = states.start_execution(stateMachineArn=machine, input=json.dumps(long))[
        "executionArn"
    ]
    _wait_for(
        lambda: sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
    )
    return arn


def _work_in_studio(deployment: Deployment) -> None:
    """An app in the lab's space; a profile made by hand, its space, and an app in that."""
    sagemaker, domain = deployment.client("sagemaker"), _domain_id(deployment)
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_app(**app, SpaceName=f"{NAME}-lab")
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="guest")
    _wait_for(
        lambda: (
            sagemaker.describe_user_profile(DomainId=domain, UserProfileName="guest")["Status"]
            == "InService"
        )
    )
    sagemaker.create_space(
        DomainId=domain,
        SpaceName="by-hand",
        OwnershipSettings={"OwnerUserProfileName": "guest"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    _wait_for(
        lambda: (
            sagemaker.describe_space(DomainId=domain, SpaceName="by-hand")["Status"] == "InService"
        )
    )
    sagemaker.create_app(**app, SpaceName="by-hand")


def _leave_versions(deployment: Deployment) -> None:
    s3 = deployment.client("s3")
    (bucket,) = (
        bucket["Name"]
        for bucket in s3.list_buckets()["Buckets"]
        if bucket["Name"].startswith(f"{NAME}-data-")
    )
    for body in (b"first", b"second"):
        s3.put_object(Bucket=bucket, Key=f"{s3_layout.RAW}mine.csv", Body=body)
    s3.delete_object(Bucket=bucket, Key=f"{s3_layout.RAW}mine.csv")


def _belong_to_others(deployment: Deployment) -> None:
    """Streams in SageMaker's shared groups, a network and a file system, all not of NAME."""
    logs, ec2 = deployment.client("logs"), deployment.client("ec2")
    logs.create_log_stream(logGroupName=log_groups.TRAINING_JOBS, logStreamName=OTHERS_JOB)
    logs.create_log_group(logGroupName=log_groups.STUDIO)
    ours = f"{_domain_id(deployment)}/{NAME}-lab/JupyterLab/default"
    for stream in (OTHERS_APP, ours):
        logs.create_log_stream(logGroupName=log_groups.STUDIO, logStreamName=stream)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/24")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/26")["Subnet"]["SubnetId"]
    ec2.create_security_group(
        GroupName="security-group-for-inbound-nfs-d-zzzzzzzzzzzz", Description="x", VpcId=vpc
    )
    efs = deployment.client("efs")
    system = efs.create_file_system(CreationToken="others")["FileSystemId"]
    efs.create_mount_target(FileSystemId=system, SubnetId=subnet)


def _wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "not reached in two minutes"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def before(deployment: Deployment, execution: str) -> list[Leftover]:
    """What verify-clean lists just before destroy."""
    assert execution
    return deployment.left()


@pytest.fixture(scope="module")
def refused(deployment: Deployment, before: list[Leftover]) -> subprocess.CompletedProcess[str]:
    """A destroy in which Sweep is denied what it needs; the denial is lifted afterwards."""
    assert before
    iam = deployment.client("iam")
    (role,) = (
        role["RoleName"]
        for page in iam.get_paginator("list_roles").paginate()
        for role in page["Roles"]
        if role["RoleName"].startswith(f"{NAME}-studio-SweepRole")
    )
    deny = {"Effect": "Deny", "Action": "elasticfilesystem:DeleteFileSystem", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    iam.put_role_policy(RoleName=role, PolicyName="Deny", PolicyDocument=document)
    done = deployment.cdk("destroy", "--all", "--force")
    iam.delete_role_policy(RoleName=role, PolicyName="Deny")
    return done


@pytest.fixture(scope="module")
def destroyed(
    deployment: Deployment, refused: subprocess.CompletedProcess[str]
) -> subprocess.CompletedProcess[str]:
    """The real command once more, with nothing in its way."""
    assert refused.returncode != 0
    return deployment.cdk("destroy", "--all", "--force")


def test_the_notebook_runs_with_what_its_role_may_do(
    notebook: subprocess.CompletedProcess[str],
) -> None:
    assert notebook.returncode == 0, notebook.stdout + notebook.stderr
    assert "PublishRecommendations" in notebook.stdout
    assert re.search(r"'score': \d", notebook.stdout)


def test_verify_clean_lists_what_is_in_the_way_before(before: list[Leftover]) -> None:
    kinds = {left.kind for left in before}
    assert kinds >= {
        *("stack", "bucket", "role", "policy", "function", "state machine", "log group"),
        *("domain", "user profile", "space", "app", "lifecycle configuration", "parameter"),
        *("VPC", "subnet", "VPC endpoint", "security group", "file system", "topic"),
        *("endpoint", "endpoint config", "model", "training job", "log stream"),
        "running execution",
    }
    names = [left.name for left in before]
    assert any(name.startswith("by-hand (InService)") for name in names)
    assert any(name.startswith("guest (InService)") for name in names)


def test_a_clean_up_that_is_denied_fails_and_says_what(
    refused: subprocess.CompletedProcess[str],
) -> None:
    assert refused.returncode == 1
    assert "is not authorized to perform: elasticfilesystem:DeleteFileSystem" in refused.stdout


def test_the_next_destroy_goes_on_and_succeeds(destroyed: subprocess.CompletedProcess[str]) -> None:
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr


def test_nothing_is_left(
    deployment: Deployment, destroyed: subprocess.CompletedProcess[str]
) -> None:
    assert destroyed.returncode == 0
    assert deployment.left() == []


def test_no_domain_is_left(
    deployment: Deployment, destroyed: subprocess.CompletedProcess[str]
) -> None:
    assert destroyed.returncode == 0
    assert deployment.client("sagemaker").list_domains()["Domains"] == []


def test_only_the_groups_and_the_file_system_of_others_are_left(
    deployment: Deployment, destroyed: subprocess.CompletedProcess[str]
) -> None:
    assert destroyed.returncode == 0
    groups = deployment.client("ec2").describe_security_groups()["SecurityGroups"]
    assert [group["GroupName"] for group in groups if "nfs" in group["GroupName"]] == [
        "security-group-for-inbound-nfs-d-zzzzzzzzzzzz"
    ]
    systems = deployment.client("efs").describe_file_systems()["FileSystems"]
    assert [system["CreationToken"] for system in systems] == ["others"]


def test_only_the_streams_of_others_are_left_in_sagemakers_groups(
    deployment: Deployment, destroyed: subprocess.CompletedProcess[str]
) -> None:
    assert destroyed.returncode == 0
    logs = deployment.client("logs")
    for group, stream in (
        (log_groups.TRAINING_JOBS, OTHERS_JOB),
        (log_groups.STUDIO, OTHERS_APP),
    ):
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
        assert [item["logStreamName"] for item in streams] == [stream]


def test_no_log_group_but_sagemakers_own_is_left(
    deployment: Deployment, destroyed: subprocess.CompletedProcess[str]
) -> None:
    assert destroyed.returncode == 0
    groups = deployment.client("logs").describe_log_groups()["logGroups"]
    assert {group["logGroupName"] for group in groups} == {
        log_groups.TRAINING_JOBS,
        log_groups.STUDIO,
    }
