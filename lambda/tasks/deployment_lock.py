"""Lets one execution at a time deploy, verify and roll back: a lock in the deployment's bucket.

UpdateStack alone refuses a second update only while the first one runs; between its end and the
verification, another deployment would make the endpoint fail the first one's check.
"""

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tasks.errors import DeploymentInProgress

KEY = "deployment/lock.json"
_FREE = ""
_LOST = {"PreconditionFailed", "ConditionalRequestConflict"}
_ATTEMPTS = 3


def acquire(execution_arn: str) -> None:
    """Take the lock for an execution, which may have it already.

    A holder that has ended, however it did, holds nothing any more.

    Raises:
        DeploymentInProgress: another execution that still runs has it.
    """
    for _ in range(_ATTEMPTS):
        holder, etag = _read()
        if holder == execution_arn:
            return
        if holder and _runs(holder):
            raise DeploymentInProgress(
                f"execution {holder} is deploying; this one waits until it has verified its model"
            )
        if _write(execution_arn, etag):
            return
    raise DeploymentInProgress("other executions took the deployment's lock at the same time")


def release(execution_arn: str) -> None:
    """Give the lock back if this execution has it."""
    holder, etag = _read()
    if holder == execution_arn:
        _write(_FREE, etag)


def _read() -> tuple[str, str | None]:
    """Return who has the lock, and its version; None before anybody ever had it."""
    try:
        answer = _s3().get_object(Bucket=os.environ["BUCKET"], Key=KEY)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return _FREE, None
        raise
    return str(json.loads(answer["Body"].read())["holder"]), answer["ETag"]


def _write(holder: str, etag: str | None) -> bool:
    """Write who has the lock; return False if somebody wrote it in between."""
    condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
    body = json.dumps({"holder": holder}).encode()
    try:
        _s3().put_object(Bucket=os.environ["BUCKET"], Key=KEY, Body=body, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] in _LOST:
            return False
        raise
    return True


def _runs(execution_arn: str) -> bool:
    states = boto3.client("stepfunctions")
    try:
        status = states.describe_execution(executionArn=execution_arn)["status"]
    except states.exceptions.ExecutionDoesNotExist:
        return False
    return bool(status == "RUNNING")


def _s3() -> Any:
    return boto3.client("s3")
