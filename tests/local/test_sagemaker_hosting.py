"""Models, endpoints and transforms of the local account: they serve, and refuse as AWS does."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1"
PAIR = {"data": {"features": {"keys": [3, 41], "shape": [50], "values": [1, 1]}}}
REQUEST = json.dumps({"instances": [PAIR]}).encode()


@pytest.fixture(scope="module")
def sagemaker(client: Callable[..., Any]) -> Any:
    """The control plane, as the account's root."""
    return client("sagemaker")


@pytest.fixture(scope="module")
def runtime(client: Callable[..., Any]) -> Any:
    """The data plane, as the account's root."""
    return client("sagemaker-runtime")


def make_config(sagemaker: Any, role: str, artifact: str, name: str) -> None:
    """A model and an endpoint configuration of the same name."""
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
    """The description of an endpoint that is in no transient state."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        endpoint: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        if endpoint["EndpointStatus"] in ("InService", "Failed"):
            return endpoint
        time.sleep(0.1)
    raise TimeoutError(name)


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any, execution_role: str, trained: str) -> Iterator[str]:
    """The name of an endpoint in service, with a model and configuration of the same name."""
    make_config(sagemaker, execution_role, trained, "live")
    sagemaker.create_endpoint(EndpointName="live", EndpointConfigName="live")
    assert settled(sagemaker, "live")["EndpointStatus"] == "InService"
    yield "live"
    sagemaker.delete_endpoint(EndpointName="live")


@pytest.fixture(scope="module")
def broken(client: Callable[..., Any], sagemaker: Any, execution_role: str) -> str:
    """The name of a configuration whose model does not load."""
    client("s3").put_object(Bucket="lab", Key="broken/model.tar.gz", Body=b"no archive")
    make_config(sagemaker, execution_role, "s3://lab/broken/model.tar.gz", "broken")
    return "broken"


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """Code and message of the error that a call is refused with."""
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


def test_batch_transform_writes_an_answer_per_object(
    client: Callable[..., Any], sagemaker: Any, endpoint: str
) -> None:
    lines = b"\n".join(json.dumps(PAIR).encode() for _ in range(3))
    client("s3").put_object(Bucket="lab", Key="batch/pairs.jsonl", Body=lines)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/batch/"}}
    sagemaker.create_transform_job(
        TransformJobName="batch",
        ModelName=endpoint,
        TransformInput={
            "DataSource": source,
            "ContentType": "application/jsonlines",
            "SplitType": "Line",
        },
        TransformOutput={
            "S3OutputPath": "s3://lab/answers",
            "Accept": "application/jsonlines",
            "AssembleWith": "Line",
        },
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName="batch", WaiterConfig={"Delay": 1}
    )
    assert sagemaker.describe_transform_job(TransformJobName="batch")["TransformJobStatus"] == (
        "Completed"
    )
    answer = client("s3").get_object(Bucket="lab", Key="answers/pairs.jsonl.out")["Body"].read()
    scores = [json.loads(line)["score"] for line in answer.splitlines()]
    assert len(scores) == 3
    assert len(set(scores)) == 1
