"""Lets one execution at a time deploy, verify and roll back: a lock in the deployment's bucket.

UpdateStack alone refuses a second update only while the first one runs; between its end and the
verification, another roll-out would make the endpoint fail the first one's check.
"""

import json
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

import boto3
from botocore.exceptions import ClientError

from contract import s3_layout
from tasks.run.errors import DeploymentInProgress

_FREE = ""
_LOST = {"PreconditionFailed", "ConditionalRequestConflict"}
_ATTEMPTS = 3


class _Document(TypedDict):
    holder: str
    previous: NotRequired[str]


@dataclass(frozen=True)
class DeploymentLock:
    """The lock as one execution sees it.

    Attributes:
        bucket: that of the deployment.
        execution_arn: of the execution that takes the lock and gives it back.
    """

    bucket: str
    execution_arn: str

    def acquire(self) -> None:
        """Take the lock for this execution, which may have it already.

        A holder that has ended, in whatever way, holds nothing any more.

        Raises:
            DeploymentInProgress: another execution that still runs has it.
        """
        for _ in range(_ATTEMPTS):
            document, etag = self._read()
            holder = document["holder"]
            if holder == self.execution_arn:
                return
            if holder and _is_running(holder):
                raise DeploymentInProgress(
                    f"execution {holder} is deploying; "
                    "this one waits until it has verified its model"
                )
            if self._write({"holder": self.execution_arn}, etag):
                return
        raise DeploymentInProgress("other executions took the deployment's lock at the same time")

    def previous(self, live: str) -> str:
        """Return the artifact that was live before this execution's roll-out.

        Call it between `acquire` and the change. Lambda's answer can be lost, and the task be
        retried: what is live by then is the new model, and no way back.

        Args:
            live: the artifact to go back to as of now; the first call notes and returns it.

        Raises:
            DeploymentInProgress: another execution has the lock now.
        """
        document, etag = self._read()
        if document["holder"] == self.execution_arn:
            if "previous" in document:
                return document["previous"]
            if self._write({"holder": self.execution_arn, "previous": live}, etag):
                return live
        raise DeploymentInProgress("another execution took the deployment's lock")

    def release(self) -> None:
        """Give the lock back if this execution has it."""
        document, etag = self._read()
        if document["holder"] == self.execution_arn:
            self._write({"holder": _FREE}, etag)

    def _read(self) -> tuple[_Document, str | None]:
        """Return the lock and its version; the version is None before anyone ever had the lock."""
        try:
            answer = _s3().get_object(Bucket=self.bucket, Key=s3_layout.LOCK)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return {"holder": _FREE}, None
            raise
        return json.loads(answer["Body"].read()), answer["ETag"]

    def _write(self, document: _Document, etag: str | None) -> bool:
        """Write the lock; return False if another execution wrote it in between."""
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        body = json.dumps(document).encode()
        try:
            _s3().put_object(Bucket=self.bucket, Key=s3_layout.LOCK, Body=body, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                return False
            raise
        return True


def _is_running(execution_arn: str) -> bool:
    states = boto3.client("stepfunctions")
    try:
        status = states.describe_execution(executionArn=execution_arn)["status"]
    except states.exceptions.ExecutionDoesNotExist:
        return False
    return bool(status == "RUNNING")


def _s3() -> Any:  # boto3 has no types
    return boto3.client("s3")
