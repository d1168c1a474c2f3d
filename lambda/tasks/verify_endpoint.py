"""VerifyEndpoint: the endpoint runs the deployed config and scores as the artifact does."""

import os
import tempfile
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from fm import request, scoring
from tasks import cloudformation, deployment, run_files, verification
from tasks.run import Run

logger = Logger(service="VerifyEndpoint")
REQUEST_LIMIT_BYTES = 5_000_000  # InvokeEndpoint takes 6 MB


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return on how many held-out rows, and how closely, endpoint and artifact agree."""
    model_data_url = event["deployment"]["model_data_url"]
    outputs = deployment.outputs(cloudformation.serving_stack())
    name = os.environ["ENDPOINT_NAME"]
    endpoint = boto3.client("sagemaker").describe_endpoint(EndpointName=name)
    verification.check_endpoint(endpoint, outputs["EndpointConfigName"])
    with tempfile.TemporaryDirectory() as folder:
        model = run_files.fetch_model(model_data_url, Path(folder))
        rows = run_files.fetch_rows(Run.of_model(model_data_url), "test", Path(folder))
    features = rows.features[verification.sample(len(rows.labels))]
    agreement = verification.check_scores(scoring.scores(model, features), _ask(name, features))
    logger.info("endpoint verified", **agreement)
    return {"endpoint_name": name, **agreement}


def _ask(endpoint_name: str, features: Any) -> Any:
    runtime = boto3.client("sagemaker-runtime")
    answers = [
        runtime.invoke_endpoint(
            EndpointName=endpoint_name, ContentType=request.CONTENT_TYPE, Body=body
        )["Body"].read()
        for body in request.chunks(features, REQUEST_LIMIT_BYTES)
    ]
    return np.concatenate([request.parse_scores(answer) for answer in answers])
