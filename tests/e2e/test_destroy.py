"""`cdk destroy --all` leaves nothing, whatever was made by hand and whatever still runs.

The real CDK command line deploys and destroys it. The first destroy lacks a permission; the second
one goes on where the first stopped.
"""

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from commands.leftovers import Leftover
from contract import log_groups, s3_layout
from contract.names import lab_prefix, training_job_prefix
from tests.e2e import domain_remains
from tests.e2e.conftest import IMAGE
from tests.e2e.deployment import Deployment, deployed

NAME = "gone"
OTHERS_JOB = "gone-too-train-0123456789ab-0/algo-1-1700000000"
OTHERS_APP = "d-zzzzzzzzzzzz/lab/JupyterLab/default"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(NAME, tmp_path_factory.mktemp("destroy")) as made:
        yield made


@pytest.fixture(scope="module")
def live(deployment: Deployment) -> str:
    """The artifact of an execution that has ended with its endpoint in service."""
    arn = _start(deployment, {})
    describe = deployment.client("stepfunctions").describe_execution
    _wait_for(lambda: describe(executionArn=arn)["status"] != "RUNNING")
    ended = describe(executionArn=arn)
    assert ended["status"] == "SUCCEEDED", ended
    return str(json.loads(ended["output"])["trained"]["model_data_url"])


@pytest.fixture(scope="module")
def execution(deployment: Deployment, live: str) -> str:
    """The ARN of an execution that is training when destroy starts; all by hand is made too."""
    _work_in_studio(deployment)
    _walk_the_lab(deployment, live)
    _leave_versions(deployment)
    _belong_to_others(deployment)
    domain_remains.forget_the_domain(deployment)
    domain_remains.leave_half_a_domain(deployment)
    sagemaker = deployment.client("sagemaker")
    arn = _start(deployment, {"hyperparameters": {"epochs": 100000}})
    running = {"StatusEquals": "InProgress", "NameContains": training_job_prefix(NAME)}
    _wait_for(lambda: sagemaker.list_training_jobs(**running)["TrainingJobSummaries"])
    return arn


def _start(deployment: Deployment, execution_input: dict[str, object]) -> str:
    states = deployment.client("stepfunctions")
    (machine,) = (
        machine["stateMachineArn"]
        for machine in states.list_state_machines()["stateMachines"]
        if machine["name"] == NAME
    )
    started = states.start_execution(stateMachineArn=machine, input=json.dumps(execution_input))
    return str(started["executionArn"])


def _walk_the_lab(deployment: Deployment, artifact: str) -> None:
    """Leave what the lab's notebook makes, with a training job that would run for hours."""
    sagemaker, name = deployment.client("sagemaker"), f"{lab_prefix(NAME)}left"
    domain = sagemaker.describe_domain(DomainId=deployment.domain_id)
    role = domain["DefaultUserSettings"]["ExecutionRole"]
    (job,) = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    done = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
    bucket = artifact.split("/")[2]
    for channel in done["InputDataConfig"]:
        source = channel["DataSource"]["S3DataSource"]["S3Uri"].removeprefix(f"s3://{bucket}/")
        key = f"{s3_layout.LAB}{channel['ChannelName']}.recordio"
        deployment.client("s3").copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/{source}")
        channel["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{bucket}/{key}"
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=role,
        HyperParameters=done["HyperParameters"] | {"epochs": "100000"},
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/{s3_layout.LAB}"},
        **{
            member: done[member]
            for member in ("InputDataConfig", "ResourceConfig", "StoppingCondition")
        },
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    )
    s3_uri = f"s3://{bucket}/{s3_layout.LAB}model.tar.gz"
    deployment.client("s3").copy_object(
        Bucket=bucket,
        Key=f"{s3_layout.LAB}model.tar.gz",
        CopySource=artifact.removeprefix("s3://"),
    )
    container = {"Image": IMAGE, "ModelDataUrl": s3_uri}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[{**variant, "InstanceType": "ml.t2.medium"}],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def _work_in_studio(deployment: Deployment) -> None:
    """An app in the lab's space; a profile made by hand, its space, and an app in that."""
    sagemaker, domain = deployment.client("sagemaker"), deployment.domain_id
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
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=log_groups.STUDIO)
    ours = f"{deployment.domain_id}/{NAME}-lab/JupyterLab/default"
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
    by_hand = f"{lab_prefix(NAME)}left"
    assert {"model", "endpoint config"} == {left.kind for left in before if left.name == by_hand}
    assert {f"{by_hand} (InService)", f"{by_hand} (InProgress)"} <= set(names)


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
