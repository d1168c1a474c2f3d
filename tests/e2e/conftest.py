"""Fixtures of the tests against a local account: the account, its clients, a role, a bucket."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import numpy as np
import pytest
from scipy import sparse

from contract import fm_images
from data_prep import recordio
from local.account import LocalAccount

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
REGISTRY = f"{fm_images.ACCOUNTS[REGION]}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = f"{REGISTRY}/{fm_images.REPOSITORY}:1"
USERS, ITEMS, ROWS = 30, 20, 600


class KeptDemo(NamedTuple):
    """A demo of the lab whose account and deployment stay.

    Attributes:
        output: what it printed.
        environment: the variables that it exports.
    """

    output: str
    environment: dict[str, str]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m ...` in a shell with the exports."""
        return run_command(*arguments, environment=self.environment)


def run_command(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m ...` at the root, with no AWS variables but those of `environment`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env=clean | dict(environment or {}), capture_output=True, text=True,
        check=False, timeout=900,
    )  # fmt: skip


@pytest.fixture(scope="session")
def kept_demo() -> Iterator[KeptDemo]:
    """`make demo LAB=1 KEEP=1`, once: all tests that use it are in one file."""
    done = run_command("commands.demo", "--lab", "--keep")
    assert done.returncode == 0, done.stdout + done.stderr
    exports = re.findall(r"^export (\w+)=(.+)$", done.stdout, re.MULTILINE)
    yield KeptDemo(done.stdout, {name: shlex.split(value)[0] for name, value in exports})
    run_command("commands.local_account")


@pytest.fixture(scope="session")
def account() -> Iterator[LocalAccount]:
    """A local account whose states take no time; one for all tests of an xdist worker."""
    with LocalAccount(delay=0.0, wait_scale=0.0) as running:
        yield running


def clients_of(account: LocalAccount) -> Callable[..., Any]:
    """Return a function that makes boto3 clients of an account: `client("s3")`.

    Keyword arguments are other credentials than the root user's.
    """
    session = boto3.session.Session()

    def make(service: str, **credentials: str) -> Any:
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return session.client(
            service,
            region_name=REGION,
            endpoint_url=account.url,
            verify=str(account.certificate),
            **keys,
        )

    return make


@pytest.fixture(scope="session")
def client(account: LocalAccount) -> Callable[..., Any]:
    """What `clients_of` makes of the shared account."""
    return clients_of(account)


@pytest.fixture(scope="session")
def make_role(client: Callable[..., Any]) -> Callable[..., str]:
    """Return a function that makes roles and returns the ARN.

    It takes the name, the service or principal that may assume the role, and the statements of its
    policy.
    """
    iam = client("iam")

    def make(name: str, service: str, *statements: dict[str, Any]) -> str:
        principal = {"AWS": service} if service.startswith("arn:") else {"Service": service}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        arn = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )["Role"]["Arn"]
        if statements:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(
                RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(document)
            )
        return str(arn)

    return make


@pytest.fixture(scope="session")
def act_as(client: Callable[..., Any], make_role: Callable[..., str]) -> Callable[..., Any]:
    """Return a function that makes clients with a new role's credentials.

    `act_as("name", "sagemaker", ...)` takes the statements of the role's policy.
    """
    root = "arn:aws:iam::000000000000:root"

    def make(name: str, service: str, *statements: dict[str, Any]) -> Any:
        role = make_role(name, root, *statements)
        keys = client("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        return client(
            service,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    return make


@pytest.fixture(scope="session")
def execution_role(make_role: Callable[..., str]) -> str:
    """The ARN of a role that SageMaker may assume, with the permissions of a training job."""
    allowed = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "logs:*", "cloudwatch:*"]
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    return make_role("execution", "sagemaker.amazonaws.com", statement)


@pytest.fixture(scope="session")
def data(client: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The s3:// prefix of a small two-hot training set, `train.recordio`, in a bucket `lab`."""
    random = np.random.default_rng(7)
    rows = np.arange(ROWS)
    columns = np.stack(
        [random.integers(0, USERS, ROWS), USERS + random.integers(0, ITEMS, ROWS)], axis=1
    )
    ones = np.ones(2 * ROWS, dtype=np.float32)
    features = sparse.csr_array(
        (ones, (rows.repeat(2), columns.ravel())), shape=(ROWS, USERS + ITEMS)
    )
    labels = (columns.sum(axis=1) % 2).astype(np.float32)
    path = tmp_path_factory.mktemp("data") / "train.recordio"
    with path.open("wb") as file:
        recordio.write(file, features, labels)
    s3 = client("s3")
    s3.create_bucket(Bucket="lab")
    s3.upload_file(str(path), "lab", "data/train.recordio")
    return "s3://lab/data"


@pytest.fixture(scope="session")
def job_request(execution_role: str, data: str) -> Callable[..., dict[str, Any]]:
    """Return a function that makes CreateTrainingJob requests for `data`.

    Keyword arguments are hyperparameters.
    """

    def make(name: str, **hyperparameters: str) -> dict[str, Any]:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"{data}/train.recordio"}
        return {
            "TrainingJobName": name,
            "RoleArn": execution_role,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
            "OutputDataConfig": {"S3OutputPath": "s3://lab/jobs"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "HyperParameters": {
                "feature_dim": str(USERS + ITEMS),
                "num_factors": "2",
                "predictor_type": "binary_classifier",
                "mini_batch_size": "100",
                "epochs": "1",
                **hyperparameters,
            },
        }

    return make


@pytest.fixture(scope="session")
def trained(client: Callable[..., Any], job_request: Callable[..., dict[str, Any]]) -> str:
    """The URI of the artifact of a completed training job, `trained`."""
    sagemaker = client("sagemaker")
    sagemaker.create_training_job(**job_request("trained"))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName="trained", WaiterConfig={"Delay": 1}
    )
    job = sagemaker.describe_training_job(TrainingJobName="trained")
    return str(job["ModelArtifacts"]["S3ModelArtifacts"])


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's folder."""
    return Path(__file__).resolve().parents[2]
