"""Models, endpoints and transform jobs of the local account: what they answer and refuse."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1"
PAIR = {"data": {"features": {"keys": [3, 41], "shape": [50], "values": [1, 1]}}}
JSON_LINES = "application/jsonlines"
REQUEST = json.dumps({"instances": [PAIR]}).encode()


@pytest.fixture(scope="module")
def sagemaker(client: Callable[..., Any]) -> Any:
    """Return a client of the control plane, as the account's root."""
    return client("sagemaker")


@pytest.fixture(scope="module")
def runtime(client: Callable[..., Any]) -> Any:
    """Return a client of the data plane, as the account's root."""
    return client("sagemaker-runtime")


def make_config(sagemaker: Any, role: str, artifact: str, name: str) -> None:
    """Make a model and an endpoint configuration of the same name."""
    container = {"Image": IMAGE, "ModelDataUrl": artifact}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": name,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
    )


def settled(sagemaker: Any, name: str) -> dict[str, Any]:
    """Return the description of an endpoint once it is in a stable state."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        endpoint: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        if endpoint["EndpointStatus"] in ("InService", "Failed"):
            return endpoint
        time.sleep(0.1)
    raise TimeoutError(name)


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any, execution_role: str, trained: str) -> Iterator[str]:
    """Create an endpoint with a model and configuration of the same name, and yield the name."""
    make_config(sagemaker, execution_role, trained, "live")
    sagemaker.create_endpoint(EndpointName="live", EndpointConfigName="live")
    assert settled(sagemaker, "live")["EndpointStatus"] == "InService"
    yield "live"
    sagemaker.delete_endpoint(EndpointName="live")


@pytest.fixture(scope="module")
def broken(client: Callable[..., Any], sagemaker: Any, execution_role: str) -> str:
    """Make a configuration whose model does not load, and return its name."""
    client("s3").put_object(Bucket="lab", Key="broken/model.tar.gz", Body=b"no archive")
    make_config(sagemaker, execution_role, "s3://lab/broken/model.tar.gz", "broken")
    return "broken"


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """Return code and message of the error that refuses a call."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_endpoint_answers_with_the_trained_model(runtime: Any, endpoint: str) -> None:
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint, Body=REQUEST, ContentType="application/json"
    )
    (prediction,) = json.load(answer["Body"])["predictions"]
    assert 0.0 < prediction["score"] < 1.0
    assert prediction["predicted_label"] == float(prediction["score"] >= 0.5)
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"


def test_error_of_the_container_is_a_model_error(runtime: Any, endpoint: str) -> None:
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"{", ContentType="application/json")
    assert caught.value.response["OriginalStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 424


def test_invoking_needs_its_permission(act_as: Callable[..., Any], endpoint: str) -> None:
    other = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/other"
    statement = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": other}
    caller = act_as("invoker", "sagemaker-runtime", statement)
    code, message = refusal(
        caller.invoke_endpoint, EndpointName=endpoint, Body=REQUEST, ContentType="application/json"
    )
    assert (code, "sagemaker:InvokeEndpoint" in message) == ("AccessDeniedException", True)


def test_endpoint_that_does_not_exist_is_a_validation_error(runtime: Any) -> None:
    code, message = refusal(runtime.invoke_endpoint, EndpointName="nothing", Body=b"")
    assert code == "ValidationError"
    assert message == "Endpoint nothing of account 000000000000 not found."


def test_failing_update_leaves_the_old_model_in_service(
    sagemaker: Any, runtime: Any, endpoint: str, broken: str
) -> None:
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=broken)
    after = settled(sagemaker, endpoint)
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == "live"
    assert "Failed to download model data" in after["FailureReason"]
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint, Body=REQUEST, ContentType="application/json"
    )
    assert json.load(answer["Body"])["predictions"]


def test_first_deployment_that_fails_is_failed(sagemaker: Any, broken: str) -> None:
    sagemaker.create_endpoint(EndpointName="never", EndpointConfigName=broken)
    endpoint = settled(sagemaker, "never")
    assert endpoint["EndpointStatus"] == "Failed"
    assert "Failed to download model data" in endpoint["FailureReason"]


def test_weights_of_variants_can_be_changed(sagemaker: Any, endpoint: str) -> None:
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredWeight": 0.5}],
    )
    (variant,) = settled(sagemaker, endpoint)["ProductionVariants"]
    assert variant["CurrentWeight"] == 0.5


def test_what_a_deployment_lacks_is_refused_where_it_is_named(
    sagemaker: Any, execution_role: str, endpoint: str
) -> None:
    missing = {"Image": IMAGE, "ModelDataUrl": "s3://lab/none/model.tar.gz"}
    elsewhere = {**missing, "Image": IMAGE.replace("us-east-1", "eu-west-1")}
    model = {"ModelName": "no", "ExecutionRoleArn": execution_role}
    variant = {
        "VariantName": "A",
        "ModelName": "no",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    arn = "arn:aws:sagemaker:us-east-1:000000000000"
    for call, request, expected in (
        (
            sagemaker.create_model,
            {**model, "PrimaryContainer": missing},
            "Could not find model data",
        ),
        (sagemaker.create_model, {**model, "PrimaryContainer": elsewhere}, "Requested image"),
        (
            sagemaker.create_endpoint_config,
            {"EndpointConfigName": "no", "ProductionVariants": [variant]},
            f'Could not find model "{arn}:model/no".',
        ),
        (
            sagemaker.create_endpoint,
            {"EndpointName": "no", "EndpointConfigName": "no"},
            f'Could not find endpoint configuration "{arn}:endpoint-config/no".',
        ),
        (
            sagemaker.create_endpoint,
            {"EndpointName": endpoint, "EndpointConfigName": "live"},
            f'Cannot create already existing endpoint "{arn}:endpoint/live".',
        ),
    ):
        code, message = refusal(call, **request)
        assert code == "ValidationException"
        assert message.startswith(expected)


def test_role_without_access_to_the_artifact_is_refused(
    sagemaker: Any, make_role: Callable[..., str], trained: str
) -> None:
    role = make_role("no-artifact", "sagemaker.amazonaws.com")
    code, message = refusal(
        sagemaker.create_model,
        ModelName="no",
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": trained},
    )
    assert (code, message[:27]) == ("ValidationException", "Could not access model data")


@pytest.fixture(scope="module")
def transform(client: Callable[..., Any], sagemaker: Any, endpoint: str) -> Callable[..., Any]:
    """Return a function that transforms the lines of objects, and returns status and output."""
    s3 = client("s3")

    def run(name: str, objects: dict[str, str], **more: Any) -> tuple[str, dict[str, str]]:
        for key, content in objects.items():
            s3.put_object(Bucket="lab", Key=f"{name}/{key}", Body=content.encode())
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://lab/{name}/"}}
        lines = {"DataSource": source, "ContentType": JSON_LINES, "SplitType": "Line"}
        sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=endpoint,
            TransformInput=lines,
            TransformOutput={
                "S3OutputPath": f"s3://lab/answers/{name}",
                "Accept": JSON_LINES,
                "AssembleWith": "Line",
            },
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **more,
        )
        deadline = time.monotonic() + 60
        job = sagemaker.describe_transform_job(TransformJobName=name)
        while job["TransformJobStatus"] == "InProgress" and time.monotonic() < deadline:
            time.sleep(0.1)
            job = sagemaker.describe_transform_job(TransformJobName=name)
        objects_stored = s3.list_objects_v2(Bucket="lab", Prefix=f"answers/{name}/")
        stored = {
            item["Key"].rpartition("/")[2]: s3.get_object(Bucket="lab", Key=item["Key"])["Body"]
            for item in objects_stored.get("Contents", [])
        }
        return job["TransformJobStatus"], {
            key: body.read().decode() for key, body in stored.items()
        }

    return run


def test_batch_transform_writes_an_answer_per_object(transform: Callable[..., Any]) -> None:
    status, output = transform("batch", {"pairs.jsonl": "\n".join([json.dumps(PAIR)] * 3)})
    assert status == "Completed"
    scores = [json.loads(line)["score"] for line in output["pairs.jsonl.out"].splitlines()]
    assert len(scores) == 3
    assert len(set(scores)) == 1


def test_batch_transform_joins_answers_with_their_records(
    transform: Callable[..., Any],
) -> None:
    processing = {
        "JoinSource": "Input",
        "InputFilter": "$['data']",
        "OutputFilter": "$['id','SageMakerOutput']",
    }
    # The filter selects `data` of the record, so that is where the instance of FM has to be.
    record = {"id": "u7", "data": PAIR}
    status, output = transform("joined", {"a": json.dumps(record)}, DataProcessing=processing)
    joined = json.loads(output["a.out"])
    assert (status, joined["id"]) == ("Completed", "u7")
    assert "score" in joined["SageMakerOutput"]


def test_object_that_cannot_be_answered_fails_the_job_but_not_the_others(
    transform: Callable[..., Any],
) -> None:
    objects = {"bad": '{"nonsense": 1}', "good": json.dumps(PAIR)}
    status, output = transform("partly", objects)
    assert (status, list(output)) == ("Failed", ["good.out"])


def test_stopped_transform_stores_nothing(
    client: Callable[..., Any], sagemaker: Any, transform: Callable[..., Any]
) -> None:
    many = {str(number): json.dumps(PAIR) for number in range(20)}
    with ThreadPoolExecutor() as pool:
        running = pool.submit(transform, "stopped", many)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not running.done():
            jobs = sagemaker.list_transform_jobs(NameContains="stopped", StatusEquals="InProgress")
            if jobs["TransformJobSummaries"]:
                sagemaker.stop_transform_job(TransformJobName="stopped")
                break
            time.sleep(0.05)
        running.result()
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName="stopped", WaiterConfig={"Delay": 1}
    )
    job = sagemaker.describe_transform_job(TransformJobName="stopped")
    stored = client("s3").list_objects_v2(Bucket="lab", Prefix="answers/stopped/")
    assert (job["TransformJobStatus"], stored["KeyCount"]) == ("Stopped", 0)


def test_failed_endpoint_can_only_be_deleted(sagemaker: Any, broken: str) -> None:
    sagemaker.create_endpoint(EndpointName="lost", EndpointConfigName=broken)
    assert settled(sagemaker, "lost")["EndpointStatus"] == "Failed"
    weights = [{"VariantName": "AllTraffic", "DesiredWeight": 1.0}]
    for call, more in (
        (sagemaker.update_endpoint, {"EndpointConfigName": broken}),
        (
            sagemaker.update_endpoint_weights_and_capacities,
            {"DesiredWeightsAndCapacities": weights},
        ),
    ):
        code, message = refusal(call, EndpointName="lost", **more)
        assert (code, message[:20]) == ("ValidationException", "Cannot update failed")
    sagemaker.delete_endpoint(EndpointName="lost")


def test_refused_weights_change_nothing(sagemaker: Any, endpoint: str) -> None:
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    for names in (["AllTraffic", "Other"], ["AllTraffic", "AllTraffic"]):
        desired = [{"VariantName": name, "DesiredWeight": 9.0} for name in names]
        code, _ = refusal(
            sagemaker.update_endpoint_weights_and_capacities,
            EndpointName=endpoint,
            DesiredWeightsAndCapacities=desired,
        )
        assert code == "ValidationException"
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"] == before


def test_more_instances_than_the_quota_are_refused(sagemaker: Any, endpoint: str) -> None:
    code, message = refusal(
        sagemaker.update_endpoint_weights_and_capacities,
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 21}],
    )
    assert code == "ResourceLimitExceeded"
    assert "'ml.m5.large for endpoint usage' is 20 Instances" in message


def test_update_retains_weights_and_counts_on_request(sagemaker: Any, endpoint: str) -> None:
    desired = {"VariantName": "AllTraffic", "DesiredWeight": 3.0, "DesiredInstanceCount": 2}
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint, DesiredWeightsAndCapacities=[desired]
    )
    for kept, expected in ((True, (3.0, 2)), (False, (1.0, 1))):
        settled(sagemaker, endpoint)
        sagemaker.update_endpoint(
            EndpointName=endpoint, EndpointConfigName="live", RetainAllVariantProperties=kept
        )
        (variant,) = settled(sagemaker, endpoint)["ProductionVariants"]
        assert (variant["CurrentWeight"], variant["CurrentInstanceCount"]) == expected


def test_case_of_an_endpoints_name_counts_when_it_is_invoked(runtime: Any, endpoint: str) -> None:
    code, _ = refusal(runtime.invoke_endpoint, EndpointName=endpoint.upper(), Body=REQUEST)
    assert code == "ValidationError"


def test_target_of_a_multi_model_endpoint_is_refused(runtime: Any, endpoint: str) -> None:
    code, message = refusal(
        runtime.invoke_endpoint, EndpointName=endpoint, Body=REQUEST, TargetModel="one.tar.gz"
    )
    assert (code, "target-model cannot be given" in message) == ("ValidationError", True)


def test_operations_that_are_not_served_name_themselves(
    runtime: Any, sagemaker: Any, account: LocalAccount
) -> None:
    for call, request in (
        (sagemaker.list_experiments, {}),
        (runtime.invoke_endpoint_async, {"EndpointName": "e", "InputLocation": "s3://lab/x"}),
    ):
        assert refusal(call, **request)[0] == "UnknownOperationException"
    log = account.log.read_text()
    for name in ("ListExperiments", "InvokeEndpointAsync"):
        assert f"operation {name} is not served" in log
