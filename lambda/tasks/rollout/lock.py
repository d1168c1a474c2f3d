"""Lets one execution at a time deploy, verify and roll back: a lock in the deployment's bucket.

UpdateStack alone refuses a second update only while the first one runs; between its end and the
verification, another deployment would make the endpoint fail the first one's check.
"""

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tasks.run.errors import DeploymentInProgress

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
        document, etag = _read()
        holder = document["holder"]
        if holder == execution_arn:
            return
        if holder and _runs(holder):
            raise DeploymentInProgress(
                f"execution {holder} is deploying; this one waits until it has verified its model"
            )
        if _write({"holder": execution_arn}, etag):
            return
    raise DeploymentInProgress("other executions took the deployment's lock at the same time")


def previous(execution_arn: str, live: str) -> str:
    """Return the artifact that was live before the holder changed it: `live`, the first time.

    Ask between `acquire` and the change. An answer of Lambda's can be lost, and the task tried
    again: what is live by then is the new model, and no way back.

    Raises:
        DeploymentInProgress: another execution has the lock now.
    """
    document, etag = _read()
    noted = {"holder": execution_arn, "previous": live}
    if document["holder"] == execution_arn:
        if "previous" in document:
            return document["previous"]
        if _write(noted, etag):
            return live
    raise DeploymentInProgress("another execution took the deployment's lock")


def release(execution_arn: str) -> None:
    """Give the lock back if this execution has it."""
    document, etag = _read()
    if document["holder"] == execution_arn:
        _write({"holder": _FREE}, etag)


def _read() -> tuple[dict[str, str], str | None]:
    """Return the lock, with its holder, and its version; None before anybody ever had it."""
    try:
        answer = _s3().get_object(Bucket=os.environ["BUCKET"], Key=KEY)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return {"holder": _FREE}, None
        raise
    return json.loads(answer["Body"].read()), answer["ETag"]


def _write(document: dict[str, str], etag: str | None) -> bool:
    """Write the lock; return False if somebody wrote it in between."""
    condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
    body = json.dumps(document).encode()
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
