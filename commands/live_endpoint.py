"""The live endpoint as a client sees it, with the data of the run that trained its model."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import numpy.typing as npt

from data_prep import recordio
from data_prep.encoder import Encoder
from fm import invocation

REQUEST_LIMIT_BYTES = 5_000_000  # InvokeEndpoint takes 6 MB
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class HeldOut:
    """The rows that training never saw: features (CSR, shape (n, d)) and labels (shape (n,))."""

    rows: Any
    labels: Floats


def invoke(endpoint_name: str, rows: Any) -> Floats:
    """Return the endpoint's scores, shape (n,), of feature rows (CSR, shape (n, d))."""
    runtime = boto3.client("sagemaker-runtime")
    answers = [
        runtime.invoke_endpoint(
            EndpointName=endpoint_name, ContentType=invocation.CONTENT_TYPE, Body=body
        )["Body"].read()
        for body in invocation.chunks(rows, REQUEST_LIMIT_BYTES)
    ]
    return np.concatenate([invocation.parse_scores(answer) for answer in answers])


def fetch_encoder(model_data_url: str) -> Encoder:
    """Return the encoder of the run that trained the artifact at `model_data_url`."""
    with tempfile.TemporaryDirectory() as folder:
        _download(model_data_url, "manifest.json", Path(folder))
        _download(model_data_url, "vocabulary/", Path(folder))
        return Encoder.load(Path(folder))


def fetch_held_out(model_data_url: str) -> HeldOut:
    """Return the held-out rows of the run that trained the artifact at `model_data_url`."""
    with tempfile.TemporaryDirectory() as folder:
        _download(model_data_url, "test.recordio", Path(folder))
        with (Path(folder) / "test.recordio").open("rb") as file:
            rows, labels = recordio.read(file)
    assert labels is not None  # noqa: S101  PrepareData writes every row with its label
    return HeldOut(rows, labels)


def _download(model_data_url: str, name: str, folder: Path) -> None:
    """Copy a file, or all files below `name/`, of the run's data into `folder`."""
    bucket, _, key = model_data_url.removeprefix("s3://").partition("/")
    data = "/".join(key.split("/")[:2]) + "/data/"
    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=data + name)
    for found in [entry["Key"] for page in pages for entry in page.get("Contents", [])]:
        target = folder / found.removeprefix(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, found, str(target))
