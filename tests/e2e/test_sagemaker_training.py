"""Training jobs of the local account: what they do, what is refused, whose rights they use."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

Request = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def sagemaker(client: Callable[..., Any]) -> Any:
    """Return a client of the control plane, as the account's root."""
    return client("sagemaker")


def ended(sagemaker: Any, name: str) -> dict[str, Any]:
    """Return the description of a job once it has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        if job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"):
            return job
        time.sleep(0.1)
    raise TimeoutError(name)


def refusal(call: Callable[..., Any], request: dict[str, Any]) -> tuple[str, str]:
    """Return code and message of the error that refuses a call."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_job_really_trains_and_stores_its_model(
    client: Callable[..., Any], sagemaker: Any, trained: str
) -> None:
    job = sagemaker.describe_training_job(TrainingJobName="trained")
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert trained == "s3://lab/jobs/trained/output/model.tar.gz"
    size = client("s3").head_object(Bucket="lab", Key="jobs/trained/output/model.tar.gz")
    assert size["ContentLength"] > 0
    states = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert states == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


@pytest.mark.usefixtures("trained")
def test_job_shows_defaults_of_what_its_request_left_out(sagemaker: Any) -> None:
    job = sagemaker.describe_training_job(TrainingJobName="trained")
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["InputDataConfig"][0]["CompressionType"] == "None"


@pytest.mark.usefixtures("trained")
def test_job_reports_the_metrics_of_its_log(sagemaker: Any) -> None:
    job = sagemaker.describe_training_job(TrainingJobName="trained")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["train:progress"] == 100.0
    assert 0.0 < metrics["train:binary_classification_cross_entropy"] < 1.0


@pytest.mark.usefixtures("trained")
def test_job_writes_the_containers_lines_to_cloudwatch(client: Callable[..., Any]) -> None:
    logs = client("logs")
    group = {"logGroupName": "/aws/sagemaker/TrainingJobs"}
    streams = logs.describe_log_streams(**group, logStreamNamePrefix="trained/algo-1-")
    stream = streams["logStreams"][0]["logStreamName"]
    events = logs.get_log_events(**group, logStreamName=stream)["events"]
    assert any("#quality_metric" in event["message"] for event in events)


@pytest.mark.usefixtures("trained")
def test_metrics_of_a_job_are_found_as_the_sdks_look_for_them(
    sagemaker: Any, client: Callable[..., Any]
) -> None:
    job = sagemaker.describe_training_job(TrainingJobName="trained")
    points = client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="train:progress",
        Dimensions=[{"Name": "TrainingJobName", "Value": "trained"}],
        StartTime=job["TrainingStartTime"] - timedelta(minutes=1),
        EndTime=job["TrainingEndTime"] + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert max(point["Maximum"] for point in points) == 100.0


@pytest.mark.usefixtures("trained")
def test_name_of_a_job_cannot_be_used_again(sagemaker: Any, job_request: Request) -> None:
    code, message = refusal(sagemaker.create_training_job, job_request("trained"))
    assert code == "ResourceInUse"
    assert (
        "already exists (arn:aws:sagemaker:us-east-1:000000000000:training-job/trained)" in message
    )


def test_failing_container_sets_the_failure_reason(sagemaker: Any, job_request: Request) -> None:
    sagemaker.create_training_job(**job_request("wrong", num_factors="many"))
    job = ended(sagemaker, "wrong")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    assert "num_factors" in job["FailureReason"]


def test_stopped_job_ends_as_stopped(sagemaker: Any, job_request: Request) -> None:
    sagemaker.create_training_job(**job_request("long", epochs="1000000"))
    sagemaker.stop_training_job(TrainingJobName="long")
    assert ended(sagemaker, "long")["SecondaryStatus"] == "Stopped"
    code, message = refusal(sagemaker.stop_training_job, {"TrainingJobName": "long"})
    assert (code, message.endswith("in status Stopped.")) == ("ValidationException", True)


def test_role_that_cannot_read_the_data_fails_the_job(
    sagemaker: Any, job_request: Request, make_role: Callable[..., str]
) -> None:
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    role = make_role("blind", "sagemaker.amazonaws.com", listing)
    sagemaker.create_training_job(**job_request("blind") | {"RoleArn": role})
    reason = ended(sagemaker, "blind")["FailureReason"]
    assert reason.startswith("ClientError: Data download failed:AccessDenied (403)")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"TrainingJobName": "bad name"}, "Member must satisfy regular expression pattern"),
        ({"RoleArn": "arn:aws:iam::000000000000:role/nobody"}, "Could not assume role"),
        (
            {"ResourceConfig": {"InstanceType": "ml.x9.huge", "InstanceCount": 1}},
            "Member must satisfy enum value set",
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": "me/fm:1", "TrainingInputMode": "File"}},
            "Requested image me/fm:1 not found.",
        ),
        (
            {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 0}},
            "ResourceConfig needs",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 29 * 24 * 3600}},
            "exceeds the maximum",
        ),
        (
            {
                "InputDataConfig": [
                    {"ChannelName": "train", "CompressionType": "Gzip", "DataSource": {}}
                ]
            },
            "CompressionType Gzip is for the input mode Pipe",
        ),
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds is needed"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 30},
            },
            "Invalid MaxWaitTimeInSeconds",
        ),
        ({"Tags": [{"Key": "aws:mine", "Value": "x"}]}, "aws: prefixed tag key names"),
    ],
)
def test_wrong_request_is_refused(
    sagemaker: Any, job_request: Request, change: dict[str, Any], expected: str
) -> None:
    request = job_request("refused") | change
    code, message = refusal(sagemaker.create_training_job, request)
    assert (code, expected in message) == ("ValidationException", True), message


def test_missing_data_is_refused_before_the_job_starts(
    sagemaker: Any, job_request: Request
) -> None:
    request = job_request("nodata")
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = "s3://lab/nowhere"
    code, message = refusal(sagemaker.create_training_job, request)
    assert (code, message[:19]) == ("ValidationException", "No S3 objects found")


def test_permissions_are_needed_for_the_call_and_for_passing_the_role(
    act_as: Callable[..., Any], job_request: Request, execution_role: str
) -> None:
    create = {"Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource": "*"}
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": execution_role}
    elsewhere = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    for name, statements, action in (
        ("nothing", [passing], "sagemaker:CreateTrainingJob"),
        ("no-pass", [create], "iam:PassRole"),
        ("pass-elsewhere", [create, passing | {"Condition": elsewhere}], "iam:PassRole"),
    ):
        caller = act_as(name, "sagemaker", *statements)
        code, message = refusal(caller.create_training_job, job_request("denied"))
        assert code == "AccessDeniedException"
        assert f"is not authorized to perform: {action} on resource: arn:aws:" in message
    caller = act_as("may", "sagemaker", create, passing)
    assert caller.create_training_job(**job_request("allowed"))["TrainingJobArn"]


def test_jobs_are_listed_by_page_and_found_by_search(sagemaker: Any, job_request: Request) -> None:
    for number in range(3):
        request = job_request(f"listed-{number}", epochs=str(number + 1))
        sagemaker.create_training_job(**request, Tags=[{"Key": "set", "Value": "listed"}])
        ended(sagemaker, f"listed-{number}")
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains="listed", SortBy="Name", PaginationConfig={"PageSize": 2}
    )
    names = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert names == [["listed-0", "listed-1"], ["listed-2"]]
    filters = [
        {"Name": "Tags.set", "Operator": "Equals", "Value": "listed"},
        {"Name": "HyperParameters.epochs", "Operator": "NotEquals", "Value": "1"},
    ]
    found = sagemaker.search(Resource="TrainingJob", SearchExpression={"Filters": filters})
    assert {result["TrainingJob"]["TrainingJobName"] for result in found["Results"]} == {
        "listed-1",
        "listed-2",
    }


def test_page_that_max_results_cuts_is_filtered_by_status_afterwards(
    sagemaker: Any, job_request: Request
) -> None:
    for number in range(2):
        sagemaker.create_training_job(**job_request(f"cut-{number}"))
        ended(sagemaker, f"cut-{number}")
    some = {"NameContains": "cut-", "MaxResults": 1, "StatusEquals": "Failed"}
    page = sagemaker.list_training_jobs(**some)
    assert page["TrainingJobSummaries"] == []
    assert "NextToken" not in sagemaker.list_training_jobs(**some, NextToken=page["NextToken"])


def test_policy_can_name_instance_types(
    act_as: Callable[..., Any], job_request: Request, execution_role: str
) -> None:
    small = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}
    create = {"Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource": "*"}
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": execution_role}
    caller = act_as("thrifty", "sagemaker", create | {"Condition": small}, passing)
    large = {"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}
    code, _ = refusal(caller.create_training_job, job_request("dear") | {"ResourceConfig": large})
    assert code == "AccessDeniedException"
    assert caller.create_training_job(**job_request("cheap"))["TrainingJobArn"]


def test_ended_job_can_be_deleted_and_its_name_used_again(
    sagemaker: Any, job_request: Request
) -> None:
    sagemaker.create_training_job(**job_request("deleted"))
    ended(sagemaker, "deleted")
    sagemaker.delete_training_job(TrainingJobName="deleted")
    code, _ = refusal(sagemaker.describe_training_job, {"TrainingJobName": "deleted"})
    assert code == "ValidationException"
    assert sagemaker.create_training_job(**job_request("deleted"))["TrainingJobArn"]
