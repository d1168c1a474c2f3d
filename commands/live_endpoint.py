"""The live endpoint as a client sees it, with the data of the run that trained its model."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import boto3

from commands.console import CommandError
from contract import s3_layout
from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.held_out import HeldOut
from fm import invocation
from fm.arrays import CsrRows, Float32s

_TEST_FILE = s3_layout.part("test")


@dataclass(frozen=True)
class HeldOutRows:
    """The rows that training never saw, sampled ones among them.

    Attributes:
        rows: their features, shape (n, d).
        labels: shape (n,).
    """

    rows: CsrRows
    labels: Float32s


def invoke(endpoint_name: str, rows: CsrRows) -> Float32s:
    """Return the endpoint's scores, shape (n,), of feature rows, shape (n, d)."""
    runtime = boto3.client("sagemaker-runtime")

    def send(body: bytes) -> bytes:
        response = runtime.invoke_endpoint(
            EndpointName=endpoint_name, ContentType=invocation.CONTENT_TYPE, Body=body
        )
        return bytes(response["Body"].read())

    return invocation.invoke(rows, invocation.LIMIT_BYTES, send)


def fetch_encoder(model_data_url: str) -> Encoder:
    """Return the encoder of the run that trained the artifact at `model_data_url`.

    Raises:
        CommandError: no run trained that artifact.
    """
    with tempfile.TemporaryDirectory() as folder:
        _download(model_data_url, s3_layout.MANIFEST_FILE, Path(folder))
        _download(model_data_url, s3_layout.VOCABULARY_FOLDER, Path(folder))
        return Encoder.load(Path(folder))


def fetch_held_out(model_data_url: str) -> HeldOut:
    """Return the held-out interactions of the run that trained the artifact at `model_data_url`.

    Raises:
        CommandError: no run trained that artifact.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in (s3_layout.HELD_OUT_FILE, s3_layout.STRANGERS_FILE):
            _download(model_data_url, name, Path(folder))
        return HeldOut.load(Path(folder))


def fetch_rows(model_data_url: str) -> HeldOutRows:
    """Return the held-out rows of the run that trained the artifact at `model_data_url`.

    Raises:
        CommandError: no run trained that artifact.
    """
    with tempfile.TemporaryDirectory() as folder:
        _download(model_data_url, _TEST_FILE, Path(folder))
        with (Path(folder) / _TEST_FILE).open("rb") as file:
            rows, labels = recordio.read(file)
    assert labels is not None  # noqa: S101  PrepareData writes every row with its label
    return HeldOutRows(rows, labels)


def _download(model_data_url: str, name: str, folder: Path) -> None:
    """Copy a file, or all files below `name/`, of the run's data into `folder`."""
    run = s3_layout.run_of_artifact(model_data_url)
    if run is None:
        raise CommandError(f"the live model {model_data_url} is not the artifact of a run")
    bucket, execution = run
    data = s3_layout.run_prefix(execution) + s3_layout.DATA
    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=data + name)
    for key in [entry["Key"] for page in pages for entry in page.get("Contents", [])]:
        target = folder / key.removeprefix(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(target))
