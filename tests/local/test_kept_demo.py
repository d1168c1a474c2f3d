"""`make demo LAB=1 KEEP=1`: what stays can be used, run again, refused, rolled back, destroyed."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[2]
Environment = dict[str, str]
pytestmark = pytest.mark.xdist_group("kept demo")


def _command(
    module: str, *arguments: str, environment: Environment | None = None
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", f"commands.{module}", *arguments],
        cwd=ROOT, env=clean | (environment or {}), capture_output=True, text=True, check=False,
        timeout=900,
    )  # fmt: skip


@pytest.fixture(scope="module")
def kept() -> Iterator[subprocess.CompletedProcess[str]]:
    done = _command("demo", "--lab", "--keep")
    assert done.returncode == 0, done.stdout + done.stderr
    yield done
    _command("local_account")


@pytest.fixture(scope="module")
def environment(kept: subprocess.CompletedProcess[str]) -> Environment:
    """What a person gets who pastes the exports into a shell."""
    exports = re.findall(r"^export (\w+)=(.+)$", kept.stdout, re.MULTILINE)
    return {name: shlex.split(value)[0] for name, value in exports}


@pytest.fixture
def client(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return boto3.client


def test_the_lab_is_called_noise(kept: subprocess.CompletedProcess[str]) -> None:
    assert "pure noise" in kept.stdout
    auc = re.search(r"auc +│ +([\d.]+)", kept.stdout)
    assert auc is not None
    assert 0.3 < float(auc.group(1)) < 0.7


def test_the_exports_are_all_that_a_client_needs(client: Any) -> None:
    endpoint = client("sagemaker").describe_endpoint(EndpointName="factorstack")
    assert endpoint["EndpointStatus"] == "InService"


def test_the_training_job_ran_with_the_labs_hyperparameters(client: Any) -> None:
    sagemaker = client("sagemaker")
    (job,) = sagemaker.list_training_jobs(NameContains="factorstack-train-")["TrainingJobSummaries"]
    described = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
    given = described["HyperParameters"]
    assert (given["num_factors"], given["epochs"], given["mini_batch_size"]) == ("10", "10", "100")


def test_the_endpoint_recommends_by_name(environment: Environment) -> None:
    done = _command("recommend", "--user", "42", "--n", "3", environment=environment)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^│ +\d+ │ \d+ [\d.]+", done.stdout, re.MULTILINE)) == 3


def test_a_user_whom_training_never_saw_gets_an_answer(environment: Environment) -> None:
    done = _command("recommend", "--user", "nobody", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "user nobody" in done.stdout


def test_a_model_that_the_gate_refuses_is_not_deployed(
    environment: Environment, client: Any, tmp_path: Path
) -> None:
    before = client("sagemaker").describe_endpoint(EndpointName="factorstack")
    wanted = tmp_path / "input.json"
    wanted.write_text(json.dumps({"gate": {"minimum": 0.99}}))
    done = _command("run", "--input", str(wanted), environment=environment)
    assert done.returncode == 2
    assert "ModelRejected" in done.stderr
    assert "the gate asks for 0.99" in done.stderr
    after = client("sagemaker").describe_endpoint(EndpointName="factorstack")
    assert after["EndpointConfigName"] == before["EndpointConfigName"]


def test_an_unknown_key_ends_the_execution_by_name(
    environment: Environment, tmp_path: Path
) -> None:
    wanted = tmp_path / "input.json"
    wanted.write_text(json.dumps({"sauce": {"uri": "s3://x/y"}}))
    done = _command("run", "--input", str(wanted), environment=environment)
    assert done.returncode == 2
    assert "InvalidInputError: sauce: no such key" in done.stderr


def test_a_source_that_is_not_there_is_named(
    environment: Environment, client: Any, tmp_path: Path
) -> None:
    buckets = client("s3").list_buckets()["Buckets"]
    (bucket,) = [b["Name"] for b in buckets if b["Name"].startswith("factorstack-data")]
    wanted = tmp_path / "input.json"
    wanted.write_text(json.dumps({"source": {"uri": f"s3://{bucket}/raw/nowhere.csv"}}))
    done = _command("run", "--input", str(wanted), environment=environment)
    assert done.returncode == 2
    assert "raw/nowhere.csv: there is no such object" in done.stderr


def test_an_earlier_model_can_be_deployed_again(
    environment: Environment, client: Any, tmp_path: Path
) -> None:
    (stack,) = client("cloudformation").describe_stacks(StackName="factorstack-serving")["Stacks"]
    (artifact,) = [
        parameter["ParameterValue"]
        for parameter in stack["Parameters"]
        if parameter["ParameterKey"] == "ModelDataUrl"
    ]
    wanted = tmp_path / "input.json"
    wanted.write_text(json.dumps({"model_data_url": artifact}))
    done = _command("run", "--input", str(wanted), environment=environment)
    assert done.returncode == 0, done.stderr
    assert "✔ VerifyEndpoint" in done.stdout
    assert "TrainModel" not in done.stdout


def test_a_deployment_that_is_there_is_listed_as_not_clean(environment: Environment) -> None:
    done = _command("verify_clean", environment=environment)
    assert done.returncode == 1
    assert "factorstack-serving" in done.stdout


def test_a_second_kept_account_is_refused(kept: subprocess.CompletedProcess[str]) -> None:
    done = _command("demo", "--lab", "--keep")
    assert done.returncode == 2
    assert "make stop" in done.stderr
