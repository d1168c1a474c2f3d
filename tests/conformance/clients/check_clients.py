"""Runs unmodified AWS clients against the local account: `make test-clients`.

Each has a virtual environment of its own in build/clients, and is configured by the credentials of
a role, region, endpoint, certificate and proxy alone.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from scipy import sparse

from data_prep import recordio
from local.account import LocalAccount

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parents[2] / "build" / "clients"
TIMEOUT_SECONDS = 900
WIDTH, ROWS = 40, 300
# The permissions that the SDK 3 requires of a training role, and those of its caller.
ACTIONS = ["s3:*", "logs:*", "cloudwatch:*", "ec2:*", "ecr:*", "sagemaker:*", "iam:GetRole"]
TELEMETRY = "sm-pysdk-t-us-east-1.s3.us-east-1.amazonaws.com:443"
SDK_HOSTS = {"sts.us-east-1.amazonaws.com:443", TELEMETRY}


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    """Run a local account for all clients."""
    with LocalAccount() as running:
        yield running


@pytest.fixture(scope="module")
def client(account: LocalAccount) -> Callable[[str], Any]:
    """Return a function that makes boto3 clients of the account."""

    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=account.url,
            verify=str(account.certificate),
            region_name=account.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return make


@pytest.fixture(scope="module")
def role(client: Callable[[str], Any]) -> str:
    """Make the role that the clients act as, and pass to SageMaker."""
    principals = {"Service": "sagemaker.amazonaws.com", "AWS": "arn:aws:iam::000000000000:root"}
    trust = {"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}
    iam = client("iam")
    arn = iam.create_role(
        RoleName="clients",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    allowed = [
        {"Effect": "Allow", "Action": ACTIONS, "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": arn},
    ]
    iam.put_role_policy(
        RoleName="clients",
        PolicyName="policy",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )
    return str(arn)


@pytest.fixture(scope="module")
def environment(account: LocalAccount, client: Callable[[str], Any], role: str) -> dict[str, str]:
    """Sign in as the role, and return the variables of the clients."""
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="clients")["Credentials"]
    return account.sdk_environment | {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


@pytest.fixture(scope="module")
def bucket(client: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make a bucket with two-hot training data at train/train.recordio."""
    random = np.random.default_rng(1)
    features = np.zeros((ROWS, WIDTH), dtype=np.float32)
    pairs = np.stack([random.integers(0, 20, ROWS), random.integers(20, WIDTH, ROWS)], axis=1)
    np.put_along_axis(features, pairs, np.float32(1), axis=1)
    path = tmp_path_factory.mktemp("data") / "train.recordio"
    with path.open("wb") as file:
        labels = (pairs.sum(axis=1) % 2).astype(np.float32)
        recordio.write(file, sparse.csr_array(features), labels)
    s3 = client("s3")
    s3.create_bucket(Bucket="clients")
    s3.upload_file(str(path), "clients", "train/train.recordio")
    return "clients"


@pytest.mark.parametrize(
    ("name", "command", "hosts"),
    [
        ("sdk2", ["python", "-W", "ignore", str(HERE / "sdk2.py")], SDK_HOSTS),
        ("sdk3", ["python", "-W", "ignore", str(HERE / "sdk3.py")], SDK_HOSTS),
        ("awscli", ["sh", str(HERE / "awscli.sh")], set()),
    ],
)
def test_unmodified_client_does_its_work_and_reaches_nothing_else(
    account: LocalAccount,
    environment: dict[str, str],
    role: str,
    bucket: str,
    tmp_path: Path,
    name: str,
    command: list[str],
    hosts: set[str],
) -> None:
    binaries = ENVIRONMENTS / name / "bin"
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    logged = account.log.stat().st_size
    done = subprocess.run(
        ["env", *command, role, bucket],
        env={"PATH": path, "HOME": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    tunnels = re.findall(r"\[proxy\] (\S+) (.+)", account.log.read_text()[logged:])
    assert {end for _, end in tunnels} <= {"ends at the account"}, tunnels
    assert {host for host, _ in tunnels} == hosts
