"""`make demo LAB=1 KEEP=1`: what stays can be used, run again, refused, rolled back, destroyed."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

pytestmark = pytest.mark.xdist_group("kept demo")


@pytest.fixture
def client(kept_demo: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in kept_demo.environment.items():
        monkeypatch.setenv(name, value)
    return boto3.client


def test_the_lab_is_called_noise(kept_demo: Any) -> None:
    assert "pure noise" in kept_demo.output
    auc = re.search(r"auc +│ +([\d.]+)", kept_demo.output)
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


def test_the_endpoint_recommends_by_name(kept_demo: Any) -> None:
    done = kept_demo.command("commands.recommend", "--user", "42", "--n", "3")
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^│ +\d+ │ \d+ [\d.]+", done.stdout, re.MULTILINE)) == 3


def test_a_user_whom_training_never_saw_gets_an_answer(kept_demo: Any) -> None:
    done = kept_demo.command("commands.recommend", "--user", "nobody")
    assert done.returncode == 0, done.stderr
    assert "user nobody" in done.stdout


def test_an_unknown_key_ends_the_execution_by_name(kept_demo: Any, tmp_path: Path) -> None:
    wanted = tmp_path / "input.json"
    wanted.write_text(json.dumps({"sauce": {"uri": "s3://x/y"}}))
    done = kept_demo.command("commands.run", "--input", str(wanted))
    assert done.returncode == 2
    assert "InvalidInputError: sauce: no such key" in done.stderr


def test_a_source_that_is_not_there_is_named(kept_demo: Any, client: Any, tmp_path: Path) -> None:
    buckets = client("s3").list_buckets()["Buckets"]
    (bucket,) = [b["Name"] for b in buckets if b["Name"].startswith("factorstack-data")]
    wanted = tmp_path / "input.json"
    wanted.write_text(json.dumps({"source": {"uri": f"s3://{bucket}/raw/nowhere.csv"}}))
    done = kept_demo.command("commands.run", "--input", str(wanted))
    assert done.returncode == 2
    assert "raw/nowhere.csv: there is no such object" in done.stderr


def test_an_earlier_model_can_be_deployed_again(
    kept_demo: Any, client: Any, tmp_path: Path
) -> None:
    (stack,) = client("cloudformation").describe_stacks(StackName="factorstack-serving")["Stacks"]
    (artifact,) = [
        parameter["ParameterValue"]
        for parameter in stack["Parameters"]
        if parameter["ParameterKey"] == "ModelDataUrl"
    ]
    wanted = tmp_path / "input.json"
    wanted.write_text(json.dumps({"model_data_url": artifact}))
    done = kept_demo.command("commands.run", "--input", str(wanted))
    assert done.returncode == 0, done.stderr
    assert "✔ VerifyEndpoint" in done.stdout
    assert "TrainModel" not in done.stdout


def test_a_deployment_that_is_there_is_listed_as_not_clean(kept_demo: Any) -> None:
    done = kept_demo.command("commands.verify_clean")
    assert done.returncode == 1
    assert "factorstack-serving" in done.stdout


def test_a_second_kept_account_is_refused(kept_demo: Any) -> None:
    done = kept_demo.command("commands.demo", "--lab", "--keep")
    assert done.returncode == 2
    assert "make stop" in done.stderr
