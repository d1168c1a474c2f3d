"""Ten jobs and ten endpoints at once, and a container's crash that touches nothing else."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

from local.account import LocalAccount

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1"
REQUEST = json.dumps(
    {"instances": [{"data": {"features": {"keys": [3], "shape": [50], "values": [1]}}}]}
)
NAMES = [f"many-{number}" for number in range(10)]


def await_all(status: Callable[[str], str], expected: str) -> None:
    """Return once all ten have the status."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        statuses = {status(name) for name in NAMES}
        if statuses == {expected}:
            return
        assert "Failed" not in statuses
        time.sleep(0.2)
    raise TimeoutError(str(statuses))


def servers(account: LocalAccount) -> list[int]:
    """Return the process ids of the containers that serve in an account."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    mine = [
        line
        for line in listing
        if "local.fm_container serve" in line and str(account.folder) in line
    ]
    return [int(line.split()[0]) for line in mine]


def answers(runtime: Any, name: str) -> bool:
    """Tell whether an endpoint answers a request."""
    try:
        answer = runtime.invoke_endpoint(
            EndpointName=name, Body=REQUEST, ContentType="application/json"
        )
    except runtime.exceptions.ModelError:
        return False
    return "predictions" in json.load(answer["Body"])


def test_ten_jobs_then_ten_endpoints_and_a_crash(
    account: LocalAccount,
    client: Callable[..., Any],
    job_request: Callable[..., dict[str, Any]],
    execution_role: str,
) -> None:
    sagemaker, runtime = client("sagemaker"), client("sagemaker-runtime")
    for name in NAMES:
        sagemaker.create_training_job(**job_request(name))
    await_all(
        lambda name: str(
            sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
        ),
        "Completed",
    )
    for name in NAMES:
        container = {
            "Image": IMAGE,
            "ModelDataUrl": f"s3://lab/jobs/{name}/output/model.tar.gz",
            "Environment": {"NUM_WORKERS": "1"},
        }
        sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=execution_role, PrimaryContainer=container
        )
        variant = {
            "VariantName": "A",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    await_all(
        lambda name: str(sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]),
        "InService",
    )
    assert all(answers(runtime, name) for name in NAMES)

    (group,) = {os.getpgid(pid) for pid in servers(account)[:1]}
    os.killpg(group, signal.SIGKILL)
    assert [answers(runtime, name) for name in NAMES].count(True) == 9
    assert account.is_alive()
    for name in NAMES:
        sagemaker.delete_endpoint(EndpointName=name)
