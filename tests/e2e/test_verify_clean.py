"""verify-clean finds whatever is left of a deployment, and nothing of another one."""

import contextlib
import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from commands.leftovers import Leftover, leftovers
from contract import log_groups, names
from local.account import LocalAccount
from tests.e2e.conftest import run_command

Client = Callable[[str], Any]
Maker = Callable[[Client, str, str], str]
Find = Callable[[str], list[Leftover]]

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]},
            }
        ],
    }
)
NOTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The environment of an account for this module alone: its tests search all of it."""
    with LocalAccount(delay=0.0, wait_scale=1.0) as account:
        yield account.environment


@pytest.fixture(scope="module")
def client(environment: dict[str, str]) -> Client:
    def make(service: str) -> Any:
        return boto3.client(
            service,
            region_name=environment["AWS_REGION"],
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            verify=environment["AWS_CA_BUNDLE"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return make


@pytest.fixture(scope="module")
def find(client: Client) -> Find:
    class Session:
        client: Client

    session = Session()
    session.client = client
    return lambda name: leftovers(session, name)


def _zip() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("handler.py", "def handler(event, context):\n    return event\n")
    return archive.getvalue()


def _tags(name: str) -> list[dict[str, str]]:
    return [{"Key": names.DEPLOYMENT_TAG, "Value": name}]


def _role(client: Client, name: str, label: str) -> str:
    arn: str = client("iam").create_role(
        RoleName=label, AssumeRolePolicyDocument=TRUST, Tags=_tags(name)
    )["Role"]["Arn"]
    return arn


def stack(client: Client, name: str, _label: str) -> str:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName=f"{name}-serving", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=f"{name}-serving", WaiterConfig={"Delay": 1}
    )
    return f"{name}-serving (CREATE_COMPLETE)"


def bucket(client: Client, name: str, label: str) -> str:
    s3 = client("s3")
    s3.create_bucket(Bucket=label.lower())
    s3.put_bucket_tagging(Bucket=label.lower(), Tagging={"TagSet": _tags(name)})
    return label.lower()


def role(client: Client, name: str, label: str) -> str:
    _role(client, name, label)
    return label


def policy(client: Client, name: str, label: str) -> str:
    client("iam").create_policy(PolicyName=label, PolicyDocument=NOTHING, Tags=_tags(name))
    return label


def function(client: Client, name: str, label: str) -> str:
    client("lambda").create_function(
        FunctionName=label,
        Runtime="python3.13",
        Handler="handler.handler",
        Role=_role(client, name, f"of-a-function-{name}"),
        Code={"ZipFile": _zip()},
        Tags={names.DEPLOYMENT_TAG: name},
    )
    return label


def _state_machine(client: Client, name: str, machine: str, *, seconds: int) -> str:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": seconds}}}
    definition["States"]["A"]["End"] = True  # type: ignore[index]
    arn: str = client("stepfunctions").create_state_machine(
        name=machine,
        definition=json.dumps(definition),
        roleArn=_role(client, name, f"of-a-machine-{machine}"),
        tags=[{"key": names.DEPLOYMENT_TAG, "value": name}],
    )["stateMachineArn"]
    return arn


def state_machine(client: Client, name: str, _label: str) -> str:
    # As CloudFormation names them: only the tag says which deployment it belongs to.
    machine = f"Provider-{name.title().replace('-', '')}"
    _state_machine(client, name, machine, seconds=1)
    return machine


def topic(client: Client, name: str, label: str) -> str:
    client("sns").create_topic(Name=label, Tags=_tags(name))
    return label


def parameter(client: Client, name: str, _label: str) -> str:
    client("ssm").put_parameter(Name=f"/{name}/studio-records", Value="[]", Type="String")
    return f"/{name}/studio-records"


def event_rule(client: Client, name: str, label: str) -> str:
    client("events").put_rule(Name=label, ScheduleExpression="rate(1 day)", Tags=_tags(name))
    return label


def alarm(client: Client, name: str, label: str) -> str:
    client("cloudwatch").put_metric_alarm(
        AlarmName=label,
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        Tags=_tags(name),
    )
    return label


def log_group(client: Client, _name: str, label: str) -> str:
    # A function that logs after its log group is deleted makes it anew, without the tag.
    client("logs").create_log_group(logGroupName=f"/aws/lambda/{label}")
    return f"/aws/lambda/{label}"


def _stream(client: Client, group: str, stream: str) -> str:
    logs = client("logs")
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    return f"{group}: {stream}"


def training_stream(client: Client, name: str, _label: str) -> str:
    stream = f"{names.training_job_prefix(name)}0123456789ab-0/algo-1-1700000000"
    return _stream(client, log_groups.TRAINING_JOBS, stream)


def lab_stream(client: Client, name: str, _label: str) -> str:
    return _stream(client, log_groups.TRAINING_JOBS, f"{names.lab_prefix(name)}1/algo-1-1700000000")


def lab_log_group(client: Client, name: str, _label: str) -> str:
    group = log_groups.endpoint(f"{names.lab_prefix(name)}1")
    client("logs").create_log_group(logGroupName=group)
    return group


def studio_stream(client: Client, name: str, _label: str) -> str:
    stream = f"d-abcdefghijkl/{names.space_name(name)}/JupyterLab/default"
    return _stream(client, log_groups.STUDIO, stream)


def _network(client: Client, name: str) -> tuple[str, str]:
    ec2 = client("ec2")
    tags = [{"ResourceType": "vpc", "Tags": _tags(name)}]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/24", TagSpecifications=tags)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/26")["Subnet"]["SubnetId"]
    return vpc, subnet


def vpc(client: Client, name: str, _label: str) -> str:
    return _network(client, name)[0]


def subnet(client: Client, name: str, _label: str) -> str:
    return _network(client, name)[1]


def security_group(client: Client, name: str, _label: str) -> str:
    vpc_id, _ = _network(client, name)
    group = f"security-group-for-inbound-nfs-d-{name}"
    made = client("ec2").create_security_group(GroupName=group, Description="x", VpcId=vpc_id)
    return f"{made['GroupId']} ({group})"


def file_system(client: Client, name: str, _label: str) -> str:
    _, subnet_id = _network(client, name)
    efs = client("efs")
    system: str = efs.create_file_system(CreationToken=f"d-{name}")["FileSystemId"]
    efs.create_mount_target(FileSystemId=system, SubnetId=subnet_id)
    return system


def lifecycle_configuration(client: Client, name: str, _label: str) -> str:
    client("sagemaker").create_studio_lifecycle_config(
        StudioLifecycleConfigName=f"{name}-lab-01234567",
        StudioLifecycleConfigAppType="JupyterLab",
        StudioLifecycleConfigContent="ZXhpdCAwCg==",
    )
    return f"{name}-lab-01234567"


MAKERS: dict[str, tuple[str, Maker]] = {
    "stack": ("stack", stack),
    "bucket": ("bucket", bucket),
    "role": ("role", role),
    "policy": ("policy", policy),
    "function": ("function", function),
    "state machine": ("state machine", state_machine),
    "topic": ("topic", topic),
    "parameter": ("parameter", parameter),
    "event rule": ("event rule", event_rule),
    "alarm": ("alarm", alarm),
    "log group": ("log group", log_group),
    "stream of a training job": ("log stream", training_stream),
    "stream of a job by hand": ("log stream", lab_stream),
    "log group of an endpoint by hand": ("log group", lab_log_group),
    "stream of the space": ("log stream", studio_stream),
    "VPC": ("VPC", vpc),
    "subnet": ("subnet", subnet),
    "security group": ("security group", security_group),
    "file system": ("file system", file_system),
    "lifecycle configuration": ("lifecycle configuration", lifecycle_configuration),
}


@pytest.fixture(scope="module")
def made(client: Client, find: Find) -> dict[str, Leftover]:
    """One resource of each kind, made by hand, of the deployment `left`, by case."""
    assert find("left") == []
    return {
        case: Leftover(kind, make(client, "left", "left-studio-Thing0123-ABCDEF"))
        for case, (kind, make) in MAKERS.items()
    }


@pytest.fixture(scope="module")
def listed(made: dict[str, Leftover], find: Find) -> list[Leftover]:
    assert made
    return find("left")


@pytest.mark.parametrize("case", MAKERS)
def test_what_is_left_is_listed(
    made: dict[str, Leftover], listed: list[Leftover], case: str
) -> None:
    assert made[case] in listed


@pytest.mark.parametrize("name", ["left-too", "lef", "left-studio"])
def test_nothing_of_another_deployment_is_listed(
    made: dict[str, Leftover], find: Find, name: str
) -> None:
    assert made
    assert find(name) == []


def test_a_deployment_named_like_a_stack_of_another_is_another(client: Client, find: Find) -> None:
    # The stack `twin-data` of `twin`, and the deployment `twin-data` with its stack.
    role(client, "twin-data", "twin-data-data-Role0123-ABCDEF")
    assert find("twin") == []
    assert find("twin-data") == [Leftover("role", "twin-data-data-Role0123-ABCDEF")]


def test_a_long_name_cut_short_is_known_by_its_tag(client: Client, find: Find) -> None:
    name = "a-very-long-deployment-name-here"
    role(client, name, f"{name[:24]}-Role0123-ABCDEF")
    assert find(name) == [Leftover("role", f"{name[:24]}-Role0123-ABCDEF")]
    assert find(f"{name[:-1]}x") == []


def test_a_running_execution_is_listed(client: Client, find: Find) -> None:
    machine = _state_machine(client, "runs", "runs", seconds=3600)
    run = {"stateMachineArn": machine, "name": "still-running"}
    arn = client("stepfunctions").start_execution(**run)["executionArn"]
    assert Leftover("running execution", "still-running") in find("runs")
    client("stepfunctions").stop_execution(executionArn=arn)
    assert Leftover("running execution", "still-running") not in find("runs")


def _verify_clean(environment: dict[str, str], name: str) -> subprocess.CompletedProcess[str]:
    return run_command("commands.verify_clean", "--name", name, environment=environment)


def test_the_command_exits_0_when_nothing_is_left_in_the_region_that_it_shows(
    environment: dict[str, str],
) -> None:
    # As the CDK does, and unlike boto3, it reads AWS_REGION.
    elsewhere = {**environment, "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": ""}
    done = _verify_clean(elsewhere, "never-deployed")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("account 000000000000, region eu-west-1, as arn:aws:iam::")
    assert "nothing is left of never-deployed" in done.stdout


def test_the_command_exits_1_and_names_what_is_left(
    client: Client, environment: dict[str, str]
) -> None:
    parameter(client, "named", "")
    done = _verify_clean(environment, "named")
    assert done.returncode == 1
    assert "/named/studio-records" in done.stdout


def test_the_command_exits_2_when_the_account_cannot_be_searched(
    environment: dict[str, str],
) -> None:
    done = _verify_clean({**environment, "AWS_ENDPOINT_URL": "https://127.0.0.1:9"}, "any")
    assert done.returncode == 2
    assert "nothing is left" not in done.stdout
