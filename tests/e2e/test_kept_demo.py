"""`make demo LAB=1 KEEP=1`: the deployment that stays is used, rolled back, recommended from."""

import base64
import json
import os
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from ssl import create_default_context
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

import boto3
import numpy as np
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from commands.live_endpoint import fetch_encoder, invoke
from contract import names, s3_layout
from data_prep.encoder import Encoder
from data_prep.synthetic import PlantedFM
from fm.arrays import Float64s
from tests.e2e.conftest import ROOT, KeptDemo
from tests.e2e.studio import get

Client = Callable[[str], Any]  # makes boto3 clients, which are untyped
Execution = dict[str, Any]  # as boto3 describes it, with `entered`; or its output
Start = Callable[[Mapping[str, object]], str]
ENDPOINT = names.DEPLOYMENT
SERVING_STACK = names.stack_name(names.DEPLOYMENT, "serving")
JOB_PREFIX = names.training_job_prefix(names.DEPLOYMENT)
PERMISSIONS = ROOT / "docs" / "aws-account.md"
PIPELINE_STACK = names.stack_name(names.DEPLOYMENT, "pipeline")


@pytest.fixture(scope="module")
def client(kept_demo: KeptDemo) -> Iterator[Client]:
    """Makes clients of an account in which the lab's model is live."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in kept_demo.environment.items():
            patch.setenv(name, value)
        yield boto3.Session().client


@pytest.fixture(scope="module")
def outputs(client: Client) -> dict[str, str]:
    (stack,) = client("cloudformation").describe_stacks(StackName=PIPELINE_STACK)["Stacks"]
    return {entry["OutputKey"]: entry["OutputValue"] for entry in stack["Outputs"]}


@pytest.fixture(scope="module")
def start(client: Client, outputs: dict[str, str]) -> Start:
    def begin(execution_input: Mapping[str, object]) -> str:
        answer = client("stepfunctions").start_execution(
            stateMachineArn=outputs["StateMachineArn"], input=json.dumps(execution_input)
        )
        return str(answer["executionArn"])

    return begin


@pytest.fixture(scope="module")
def finish(client: Client) -> Callable[[str], Execution]:
    """Waits for an execution; its description with `entered`: the time of each state's first."""

    def wait(arn: str) -> Execution:
        states = client("stepfunctions")
        while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(0.5)
        pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
        entered: dict[str, Any] = {}
        for event in (event for page in pages for event in page["events"]):
            name = event.get("stateEnteredEventDetails", {}).get("name")
            if name:
                entered.setdefault(name, event["timestamp"])
        return {**execution, "entered": entered}

    return wait


@pytest.fixture(scope="module")
def live(client: Client) -> Callable[[], str]:
    def url() -> str:
        (stack,) = client("cloudformation").describe_stacks(StackName=SERVING_STACK)["Stacks"]
        return str(stack["Parameters"][0]["ParameterValue"])

    return url


@pytest.fixture(scope="module")
def second(start: Start, finish: Callable[[str], Execution], live: Callable[[], str]) -> Execution:
    """An execution that evaluates only; its output, with the artifact that was `first` live."""
    first = live()
    done = finish(start({"deploy": False}))
    assert done["status"] == "SUCCEEDED", done.get("cause")
    return {**json.loads(done["output"]), "first": first}


def test_the_last_line_calls_the_lab_noise_and_says_why_the_gate_would_have_refused_it(
    kept_demo: KeptDemo,
) -> None:
    last = kept_demo.output.splitlines()[-1]
    assert last.startswith("The lab's labels are pure noise")
    assert "the gate would have refused this model: auc on 200 held-out rows is 0." in last
    assert last.endswith(").")
    auc = re.search(r"auc +│ +([\d.]+)", kept_demo.output)
    assert auc is not None
    assert 0.3 < float(auc.group(1)) < 0.7


def test_the_exports_are_all_that_a_client_needs(client: Client) -> None:
    endpoint = client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
    assert endpoint["EndpointStatus"] == "InService"


def test_the_empty_input_ends_live_and_every_place_says_what_the_gate_thinks(
    client: Client, outputs: dict[str, str], kept_demo: KeptDemo, finish: Callable[[str], Execution]
) -> None:
    machine = outputs["StateMachineArn"]
    (first,) = client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    done = finish(first["executionArn"])
    assert (done["input"], done["status"]) == ("{}", "SUCCEEDED")
    assert "Live" in done["entered"]
    output = json.loads(done["output"])
    sentence = output["gate"]["summary"]
    assert sentence[1:] + "." == kept_demo.output.splitlines()[-1][1:]
    metrics, report = (
        _read(client, output["evaluation"][name]) for name in ("metrics_uri", "report_uri")
    )
    assert json.loads(metrics)["gate"] == output["gate"]
    assert "Would be rejected by the gate" in report
    assert escape(sentence.replace("auc", "AUC", 1)) in report


def _read(client: Client, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return str(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())


def test_the_training_job_ran_with_the_labs_hyperparameters(client: Client) -> None:
    sagemaker = client("sagemaker")
    (job,) = sagemaker.list_training_jobs(NameContains=JOB_PREFIX)["TrainingJobSummaries"]
    described = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
    parameters = described["HyperParameters"]
    shown = [parameters[name] for name in ("num_factors", "epochs", "mini_batch_size")]
    assert shown == ["10", "10", "100"]


def test_the_command_prints_what_the_function_recommends(
    kept_demo: KeptDemo, outputs: dict[str, str]
) -> None:
    done = kept_demo.command("commands.recommend", "--user", "42", "--n", "3")
    assert done.returncode == 0, done.stderr
    items = re.findall(r"^│ +\d+ │ (\d+) [\d.]+", done.stdout, re.MULTILINE)
    _, answer = _ask(outputs["RecommendUrl"], user="42", n="3")
    assert items == [recommended["item"] for recommended in answer["recommendations"]]


def test_the_demo_prints_what_the_function_recommends(
    kept_demo: KeptDemo, outputs: dict[str, str]
) -> None:
    users = re.findall(r"user (\d+) ", kept_demo.output)
    items = re.findall(
        r"^│ +\d+ │ (\d+) [\d.]+ +│ (\d+) [\d.]+ +│ (\d+) ", kept_demo.output, re.MULTILINE
    )
    assert len(users) == 3
    for user, listed in zip(users, zip(*items, strict=True), strict=True):
        _, answer = _ask(outputs["RecommendUrl"], user=user)
        assert list(listed) == [recommended["item"] for recommended in answer["recommendations"]]


def test_the_command_says_that_training_does_not_know_a_user(kept_demo: KeptDemo) -> None:
    done = kept_demo.command("commands.recommend", "--user", "no[b]ody")
    assert done.returncode == 0, done.stderr
    assert "user no[b]ody" in done.stdout
    assert "what the average user would like" in done.stdout


def test_the_command_passes_on_why_the_function_refuses(kept_demo: KeptDemo) -> None:
    done = kept_demo.command("commands.recommend", "--user", "42", "--n", "5000")
    assert done.returncode == 2
    assert "answered 400: n: Input should be less than or equal to 1000" in done.stderr


def test_an_unknown_key_ends_the_execution_by_name(kept_demo: KeptDemo, tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_text(json.dumps({"sauce": {"uri": "s3://x/y"}}))
    done = kept_demo.command("commands.run", "--input", str(path))
    assert done.returncode == 2
    assert "InvalidInputError: sauce: no such key" in done.stderr


def test_a_source_that_is_not_there_is_named(
    kept_demo: KeptDemo, client: Client, tmp_path: Path
) -> None:
    buckets = client("s3").list_buckets()["Buckets"]
    (bucket,) = [b["Name"] for b in buckets if b["Name"].startswith("factorstack-data")]
    path = tmp_path / "input.json"
    path.write_text(json.dumps({"source": {"uri": f"s3://{bucket}/{s3_layout.RAW}nowhere.csv"}}))
    done = kept_demo.command("commands.run", "--input", str(path))
    assert done.returncode == 2
    assert "raw/nowhere.csv: there is no such object" in done.stderr


@pytest.fixture(scope="module")
def documented_user(kept_demo: KeptDemo, client: Client) -> KeptDemo:
    """The demo for a person with the permissions that docs/aws-account.md calls enough."""
    (policy,) = re.findall(r"```json\n(.+?)```", PERMISSIONS.read_text(), re.DOTALL)
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam = client("iam")
    role = iam.create_role(
        RoleName="person",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="person", PolicyName="documented", PolicyDocument=policy)
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="person")["Credentials"]
    signed_in = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    return kept_demo._replace(environment=kept_demo.environment | signed_in)


def test_the_documented_permissions_are_enough_to_recommend(documented_user: KeptDemo) -> None:
    done = documented_user.command("commands.recommend", "--user", "42")
    assert done.returncode == 0, done.stderr


def test_the_documented_permissions_are_not_those_of_an_administrator(
    documented_user: KeptDemo,
) -> None:
    done = documented_user.command("commands.verify_clean")
    assert done.returncode == 2
    assert "not authorized" in done.stderr


def test_an_earlier_model_can_be_deployed_again_with_the_documented_permissions(
    documented_user: KeptDemo, client: Client, tmp_path: Path
) -> None:
    (stack,) = client("cloudformation").describe_stacks(StackName=SERVING_STACK)["Stacks"]
    (artifact,) = [
        parameter["ParameterValue"]
        for parameter in stack["Parameters"]
        if parameter["ParameterKey"] == names.MODEL_PARAMETER
    ]
    path = tmp_path / "input.json"
    path.write_text(json.dumps({"model_data_url": artifact}))
    done = documented_user.command("commands.run", "--input", str(path))
    assert done.returncode == 0, done.stderr
    assert "✔ VerifyEndpoint" in done.stdout
    assert "TrainModel" not in done.stdout


def test_a_deployment_that_is_there_is_listed_as_not_clean(kept_demo: KeptDemo) -> None:
    done = kept_demo.command("commands.verify_clean")
    assert done.returncode == 1
    assert "factorstack-serving" in done.stdout


def test_a_second_kept_account_is_refused(kept_demo: KeptDemo) -> None:
    done = kept_demo.command("commands.demo", "--lab", "--keep")
    assert done.returncode == 2
    assert "make stop" in done.stderr


@pytest.fixture
def set_up(client: Client) -> Iterator[Callable[[str], None]]:
    """Replaces the script that sets the lab up by a shorter one, until the end of the test."""
    sagemaker = client("sagemaker")
    (domain,) = sagemaker.list_domains()["Domains"]
    the_domain = {"DomainId": domain["DomainId"]}
    own = sagemaker.describe_domain(**the_domain)["DefaultUserSettings"]["JupyterLabAppSettings"]
    made: list[str] = []

    def use(arn: str) -> None:
        settings = {"JupyterLabAppSettings": {**own, "BuiltInLifecycleConfigArn": arn}}
        sagemaker.update_domain(**the_domain, DefaultUserSettings=settings)

    def replace(script: str) -> None:
        made.append(f"short-{len(made)}")
        config = sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName=made[-1],
            StudioLifecycleConfigAppType="JupyterLab",
            StudioLifecycleConfigContent=base64.b64encode(script.encode()).decode(),
        )
        use(config["StudioLifecycleConfigArn"])

    yield replace
    use(own["BuiltInLifecycleConfigArn"])


def test_a_lab_that_cannot_be_set_up_is_told_and_tried_again(
    kept_demo: KeptDemo, set_up: Callable[[str], None]
) -> None:
    for script, reason in (
        ("#!/bin/bash\necho no space left\n", "the lab is not set up"),
        ("#!/bin/bash\necho no memory left\nexit 3\n", "non zero exit code 3"),
    ):
        set_up(script)
        done = kept_demo.command("commands.lab")
        assert done.returncode == 2
        assert script.split("echo ")[1].splitlines()[0] in done.stdout
        assert reason in done.stderr
    set_up("#!/bin/bash\necho the lab is ready\n")
    urls = set()
    for _ in range(2):
        done = kept_demo.command("commands.lab")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "signed in as arn:aws:iam::000000000000:role/factorstack-studio-User" in done.stdout
        urls |= set(re.findall(r"http://127\.0\.0\.1:\d+/lab/tree/\S+", done.stdout))
    (url,) = urls
    assert get(url)[0] == 200


def test_a_kept_account_is_not_looked_for_at_another_port(kept_demo: KeptDemo) -> None:
    done = kept_demo.command("commands.lab", "--port", "1")
    assert done.returncode == 2
    assert f"already running at {kept_demo.environment['AWS_ENDPOINT_URL']}" in done.stderr


def test_evaluating_only_deploys_nothing_and_compares_with_the_live_model(
    second: Execution, live: Callable[[], str]
) -> None:
    assert live() == second["first"] != second["trained"]["model_data_url"]
    assert set(second["evaluation"]["live"]) == set(second["evaluation"]["model"])


def test_the_report_has_the_learning_curve_of_the_jobs_log(
    second: Execution, client: Client
) -> None:
    bucket, _, key = second["evaluation"]["report_uri"].removeprefix("s3://").partition("/")
    answer = client("s3").get_object(Bucket=bucket, Key=key)
    assert answer["ContentType"].startswith("text/html")
    report = answer["Body"].read().decode()
    assert "Training log loss" in report
    assert "Against the live model" in report
    assert "https://" not in report


@pytest.fixture
def damage(client: Client) -> Iterator[Callable[[str], None]]:
    """Damages the held-out rows of a model's run, so that its endpoint cannot be verified."""
    s3, kept = client("s3"), []

    def overwrite(model_data_url: str) -> None:
        bucket, folder = _run_of(model_data_url)
        key = folder + s3_layout.DATA + s3_layout.part("test")
        stored = {"Bucket": bucket, "Key": key}
        kept.append({**stored, "Body": s3.get_object(**stored)["Body"].read()})
        s3.put_object(**stored, Body=b"damaged")

    yield overwrite
    for undamaged in kept:
        s3.put_object(**undamaged)


def test_what_cannot_be_verified_is_rolled_back_and_the_execution_fails(
    second: Execution,
    start: Start,
    finish: Callable[[str], Execution],
    client: Client,
    live: Callable[[], str],
    damage: Callable[[str], None],
) -> None:
    damage(second["trained"]["model_data_url"])
    done = finish(start({"model_data_url": second["trained"]["model_data_url"]}))
    assert done["status"] == "FAILED"
    assert f"rolled back to {second['first']}, verified on 200 held-out rows" in done["cause"]
    assert live() == second["first"]
    endpoint = client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
    assert endpoint["EndpointStatus"] == "InService"


def test_a_roll_back_that_fails_too_is_told_with_both_reasons(
    second: Execution,
    start: Start,
    finish: Callable[[str], Execution],
    damage: Callable[[str], None],
) -> None:
    urls = (second["trained"]["model_data_url"], second["first"])
    for url in urls:
        damage(url)
    done = finish(start({"model_data_url": urls[0]}))
    assert (done["status"], done["error"]) == ("FAILED", "RollBackFailed")
    for url in urls:
        bucket, folder = _run_of(url)
        rows = f"s3://{bucket}/{folder}{s3_layout.DATA}{s3_layout.part('test')}"
        assert f"{rows}: record 0" in done["cause"]


def test_the_lock_of_an_aborted_execution_holds_up_nobody(
    second: Execution,
    start: Start,
    finish: Callable[[str], Execution],
    client: Client,
) -> None:
    states, url = client("stepfunctions"), second["first"]
    bucket, _, _ = url.removeprefix("s3://").partition("/")
    aborted = start({"model_data_url": second["trained"]["model_data_url"]})
    deadline = time.monotonic() + 60
    while _holder(client, bucket) != aborted and time.monotonic() < deadline:
        time.sleep(0.1)
    states.stop_execution(executionArn=aborted)
    assert finish(aborted)["status"] == "ABORTED"
    assert _holder(client, bucket) == aborted
    done = finish(start({"model_data_url": url}))
    assert done["status"] == "SUCCEEDED", done.get("cause")
    assert json.loads(done["output"])["deployment"]["previous_model_data_url"] == url
    assert _holder(client, bucket) == ""


def _run_of(model_data_url: str) -> tuple[str, str]:
    """Return the bucket and the folder of the run that trained a model."""
    run = s3_layout.run_of_artifact(model_data_url)
    assert run is not None
    bucket, execution = run
    return bucket, s3_layout.run_prefix(execution)


def _holder(client: Client, bucket: str) -> str:
    answer = client("s3").get_object(Bucket=bucket, Key=s3_layout.LOCK)
    return str(json.loads(answer["Body"].read())["holder"])


def _interleaved(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether one execution deployed before the other had verified, by times of entry."""
    first, last = "WaitForDeployment", "PublishRecommendations"
    return bool(one[first] < other[last] and other[first] < one[last])


def test_two_deployments_at_once_do_not_interleave(
    second: Execution, start: Start, finish: Callable[[str], Execution]
) -> None:
    urls = (second["trained"]["model_data_url"], second["first"])
    started = [start({"model_data_url": url}) for url in urls]
    one, other = (finish(arn)["entered"] for arn in started)
    assert {"PublishRecommendations", "Live"} <= set(one) & set(other)
    assert not _interleaved(one, other)


@pytest.mark.parametrize(("begin", "end", "expected"), [(3, 9, True), (5, 9, False), (2, 3, True)])
def test_interleaved_deployments_would_be_seen(begin: int, end: int, *, expected: bool) -> None:
    one = {"WaitForDeployment": 1, "PublishRecommendations": 5}
    other = {"WaitForDeployment": begin, "PublishRecommendations": end}
    assert _interleaved(one, other) == _interleaved(other, one) == expected


def test_recommendations_are_published_in_both_forms(second: Execution, client: Client) -> None:
    bucket, folder = _run_of(second["first"])
    prefix = folder + s3_layout.RECOMMENDATIONS
    objects = client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    assert [entry["Key"].removeprefix(prefix) for entry in objects] == [
        "json/part-00000.jsonl",
        "parquet/part-00000.parquet",
    ]


def _ask(url: str, *, signed: bool = True, **query: str) -> tuple[int, Any]:
    """Return the status and the answer of the function URL, at the account's own address."""
    host, path = urlsplit(url).netloc, f"/?{urlencode(query)}"
    request = AWSRequest(method="GET", url=f"https://{host}{path}", headers={"Host": host})
    if signed:
        credentials = boto3.Session().get_credentials()
        SigV4Auth(credentials, "lambda", os.environ["AWS_REGION"]).add_auth(request)
    sent = urllib.request.Request(  # noqa: S310
        os.environ["AWS_ENDPOINT_URL"] + path, headers=dict(request.headers)
    )
    trusted = create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
    try:
        with urllib.request.urlopen(sent, context=trusted) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_the_recommend_function_follows_the_live_model(
    outputs: dict[str, str], live: Callable[[], str]
) -> None:
    deadline = time.monotonic() + 20  # it looks every fifteen seconds
    answer: dict[str, Any] = {}
    while answer.get("model_data_url") != live() and time.monotonic() < deadline:
        status, answer = _ask(outputs["RecommendUrl"], user="42", n="3")
        assert status == 200
        time.sleep(0.5)
    assert answer["model_data_url"] == live()
    assert len(answer["recommendations"]) == 3


def test_the_recommend_function_ranks_as_the_endpoint_scores(
    outputs: dict[str, str], live: Callable[[], str]
) -> None:
    encoder = fetch_encoder(live())
    for user in encoder.user_ids[:5]:
        seen = set(encoder.seen_items(user).tolist())
        items = [item for index, item in enumerate(encoder.item_ids) if index not in seen]
        scores = invoke(ENDPOINT, encoder.encode([user] * len(items), items))
        best = np.argsort(-scores, kind="stable")[:10]
        answer = _ask(outputs["RecommendUrl"], user=user, n="10")[1]["recommendations"]
        assert [recommended["item"] for recommended in answer] == [items[index] for index in best]
        assert [recommended["score"] for recommended in answer] == pytest.approx(
            scores[best], abs=1e-5
        )


def test_a_user_whom_training_does_not_know_gets_the_average_of_all(
    outputs: dict[str, str], live: Callable[[], str]
) -> None:
    encoder = fetch_encoder(live())
    answer = _ask(outputs["RecommendUrl"], user="nobody", n="3")[1]
    assert answer["fallback"] == "average_user"
    for recommended in answer["recommendations"]:
        raw_scores = _endpoint_raw_scores(encoder, recommended["item"])
        average = np.average(raw_scores, weights=encoder.user_counts)
        assert recommended["score"] == pytest.approx(1 / (1 + np.exp(-average)), abs=1e-5)


def _endpoint_raw_scores(encoder: Encoder, item: str) -> Float64s:
    """Return the endpoint's scores of an item for every known user, before the sigmoid."""
    rows = encoder.encode(encoder.user_ids, [item] * len(encoder.user_ids))
    scores = invoke(ENDPOINT, rows).astype(np.float64)
    return np.log(scores / (1 - scores))


def test_the_recommend_function_says_what_is_wrong_with_a_question(
    outputs: dict[str, str],
) -> None:
    status, answer = _ask(outputs["RecommendUrl"], user="42", n="0")
    assert (status, answer["error"][:3]) == (400, "n: ")


def test_the_recommend_function_refuses_an_unsigned_request(outputs: dict[str, str]) -> None:
    assert _ask(outputs["RecommendUrl"], signed=False, user="42")[0] == 403


def test_a_real_model_replaces_the_noise_that_is_live(
    client: Client,
    outputs: dict[str, str],
    start: Start,
    finish: Callable[[str], Execution],
    live: Callable[[], str],
    tmp_path: Path,
) -> None:
    bucket, _ = _run_of(live())
    PlantedFM(users=120, items=80, interactions=4000).write(tmp_path / "planted.csv")
    client("s3").upload_file(str(tmp_path / "planted.csv"), bucket, f"{s3_layout.RAW}planted.csv")
    source = {"uri": f"s3://{bucket}/{s3_layout.RAW}planted.csv"}
    done = finish(start({"source": source, "purpose": "classification"}))
    assert done["status"] == "SUCCEEDED", done.get("cause")
    output = json.loads(done["output"])
    assert (output["gate"]["accepted"], output["gate"]["enforced"]) == (True, True)
    assert output["gate"]["live"] < 0.6 < output["gate"]["model"]
    assert live() == output["trained"]["model_data_url"]
