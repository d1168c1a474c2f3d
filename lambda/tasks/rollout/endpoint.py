"""The endpoint as it is: what it answers, compared with what the deployed model should."""

import os
import tempfile
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from botocore.exceptions import ClientError

from fm import invocation, scoring
from tasks.rollout import stack, stack_status, verification
from tasks.run import files
from tasks.run.errors import EndpointNotVerified
from tasks.run.run_paths import Run

REQUEST_LIMIT_BYTES = 5_000_000  # InvokeEndpoint takes 6 MB


def verify(model_data_url: str) -> dict[str, Any]:
    """Return on how many held-out rows, and how closely, endpoint and artifact agree.

    Raises:
        EndpointNotVerified: they do not, or the endpoint runs another config.
    """
    outputs = stack_status.outputs(stack.serving_stack())
    name = os.environ["ENDPOINT_NAME"]
    endpoint = boto3.client("sagemaker").describe_endpoint(EndpointName=name)
    verification.check_endpoint(endpoint, outputs["EndpointConfigName"])
    with tempfile.TemporaryDirectory() as folder:
        model = files.fetch_model(model_data_url, Path(folder))
    rows = files.fetch_rows(Run.of_model(model_data_url), "test")
    features = rows.features[verification.sample(len(rows.labels))]
    agreement = verification.check_scores(scoring.scores(model, features), _ask(name, features))
    return {"endpoint_name": name, **agreement}


def verify_absent() -> dict[str, Any]:
    """Return that there is no endpoint.

    Raises:
        EndpointNotVerified: there is one.
    """
    name = os.environ["ENDPOINT_NAME"]
    try:
        boto3.client("sagemaker").describe_endpoint(EndpointName=name)
    except ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return {"endpoint_name": name, "rows": 0}
        raise
    raise EndpointNotVerified(f"endpoint {name} should be gone, but it is still there")


def _ask(endpoint_name: str, features: Any) -> Any:
    runtime = boto3.client("sagemaker-runtime")
    answers = [
        runtime.invoke_endpoint(
            EndpointName=endpoint_name, ContentType=invocation.CONTENT_TYPE, Body=body
        )["Body"].read()
        for body in invocation.chunks(features, REQUEST_LIMIT_BYTES)
    ]
    return np.concatenate([invocation.parse_scores(answer) for answer in answers])
