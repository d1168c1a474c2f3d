"""Which artifact is live: written when a roll-out has been verified, read at every look since then.

DescribeStacks would say it, too, but is throttled when many functions ask it every few seconds.
"""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

from contract import s3_layout


def write(bucket: str, model_data_url: str) -> None:
    """Note that the endpoint serves an artifact, or "" for no endpoint."""
    body = json.dumps({"model_data_url": model_data_url}).encode()
    _s3().put_object(Bucket=bucket, Key=s3_layout.LIVE, Body=body)


def read(bucket: str) -> str:
    """Return the artifact that is live, or "" when there is none, or none was ever deployed."""
    try:
        answer = _s3().get_object(Bucket=bucket, Key=s3_layout.LIVE)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return ""
        raise
    return str(json.loads(answer["Body"].read())["model_data_url"])


def _s3() -> Any:  # boto3 has no types
    return boto3.client("s3")
