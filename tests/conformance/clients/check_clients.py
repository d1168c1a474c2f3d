"""Runs unmodified AWS clients against the local account: `make test-clients`.

Each has a virtual environment of its own in build/clients, and is configured by credentials,
region, endpoint and certificate alone.
"""

import json
import os
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
# The permissions that the SDK 3 requires of a training role.
ACTIONS = ["s3:*", "logs:*", "cloudwatch:PutMetricData", "ec2:*", "ecr:*"]


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
    """Make the role that the clients pass to SageMaker."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    iam = client("iam")
    arn = iam.create_role(
        RoleName="clients",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    statement = {"Effect": "Allow", "Action": ACTIONS, "Resource": "*"}
    iam.put_role_policy(
        RoleName="clients",
        PolicyName="policy",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return str(arn)


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
    ("environment", "command"),
    [
        ("sdk2", ["python", "-W", "ignore", str(HERE / "sdk2.py")]),
        ("sdk3", ["python", "-W", "ignore", str(HERE / "sdk3.py")]),
        ("awscli", ["sh", str(HERE / "awscli.sh")]),
    ],
)
def test_unmodified_client_does_its_work(
    account: LocalAccount,
    role: str,
    bucket: str,
    tmp_path: Path,
    environment: str,
    command: list[str],
) -> None:
    binaries = ENVIRONMENTS / environment / "bin"
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["env", *command, role, bucket],
        env={"PATH": path, "HOME": str(tmp_path), **account.environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
