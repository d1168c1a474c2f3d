"""The endpoint as it is: its scores, compared with those of the artifact that it should serve."""

import tempfile
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from fm import invocation, scoring
from fm.arrays import CsrRows, Float32s
from tasks.rollout import serving_stack, stack_status, verification
from tasks.run import run_files
from tasks.run.errors import EndpointNotVerified
from tasks.run.payloads import Verification
from tasks.run.run_paths import Run


def verify(name: str, stack_name: str, model_data_url: str) -> Verification:
    """Return on how many held-out rows, and how closely, endpoint and artifact agree.

    Args:
        name: the endpoint's.
        stack_name: the Serving stack's, which says on which config the endpoint should be.
        model_data_url: the artifact.

    Raises:
        EndpointNotVerified: they do not agree, or the endpoint runs another config.
    """
    config_name = stack_status.endpoint_config_name(serving_stack.describe(stack_name))
    description = boto3.client("sagemaker").describe_endpoint(EndpointName=name)
    verification.check_endpoint(description, config_name)
    with tempfile.TemporaryDirectory() as folder:
        model = run_files.fetch_model(model_data_url, Path(folder))
    rows = run_files.fetch_rows(Run.of_model(model_data_url), "test")
    features = rows.features[verification.sample(len(rows.labels))]
    agreement = verification.check_scores(scoring.scores(model, features), _invoke(name, features))
    return {"endpoint_name": name, **agreement}


def verify_absent(name: str) -> Verification:
    """Return the verification of there being no endpoint `name`.

    Raises:
        EndpointNotVerified: there is one.
    """
    try:
        boto3.client("sagemaker").describe_endpoint(EndpointName=name)
    except ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return {"endpoint_name": name, "rows": 0}
        raise
    raise EndpointNotVerified(f"endpoint {name} should be gone, but it is still there")


def _invoke(endpoint_name: str, features: CsrRows) -> Float32s:
    runtime = boto3.client("sagemaker-runtime")

    def send(body: bytes) -> bytes:
        response = runtime.invoke_endpoint(
            EndpointName=endpoint_name, ContentType=invocation.CONTENT_TYPE, Body=body
        )
        return bytes(response["Body"].read())

    return invocation.invoke(features, invocation.LIMIT_BYTES, send)
