"""A batch transform job and its run: a model's answers to objects in S3, stored beside them."""

import gzip
import logging
import tempfile
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from contract import log_groups
from local.ministack.adapter import Credentials
from local.sagemaker.core import access, clients, settings, storage
from local.sagemaker.core.api import Description
from local.sagemaker.core.region import Resource
from local.sagemaker.core.timing import now
from local.sagemaker.resources import hosting
from local.sagemaker.resources.models import Model
from local.sagemaker.resources.transform_join import Processing
from local.sagemaker.resources.transform_split import SplitError, payloads

log = logging.getLogger("sagemaker")


class TransformError(Exception):
    """An object that cannot be answered; the message is a FailureReason."""


@dataclass(eq=False)
class TransformJob(Resource):
    """A batch transform job.

    Attributes:
        stopping: set once the job is to end early.
    """

    kind = "transform-job"
    noun = "TransformJob"
    named_by = ("TransformJobName",)

    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def status(self) -> str:
        """The state that the job is in."""
        return str(self.description["TransformJobStatus"])

    def request_stop(self) -> None:
        """Let the job end as Stopped; call it under the region's lock."""
        self.description["TransformJobStatus"] = "Stopping"
        self.stopping.set()

    def end(self, status: str, reason: str | None = None) -> None:
        """End the job, with its FailureReason if there is one."""
        with self.region.lock:
            self.description |= {"TransformJobStatus": status, "TransformEndTime": now()}
            if reason:
                self.description["FailureReason"] = reason


def start(job: TransformJob, model: Model) -> None:
    """Run the job in the background."""
    threading.Thread(target=_run, args=(job, model), daemon=True).start()


def _run(job: TransformJob, model: Model) -> None:
    job.stopping.wait(settings.state_delay())
    try:
        with job.region.lock:
            job.description["TransformStartTime"] = now()
        _transform(job, model)
    except (TransformError, SplitError, storage.TransferError, hosting.HostingError) as error:
        job.end("Failed", str(error))
    except Exception:
        log.exception("transform job %s", job.description["TransformJobName"])
        job.end("Failed", "InternalServerError: We encountered an error.")
    else:
        job.end("Stopped" if job.stopping.is_set() else "Completed")


def _transform(job: TransformJob, model: Model) -> None:
    """Answer every object, and store the answers unless the job was stopped meanwhile.

    An object that cannot be answered has no output and fails the job, after all others.
    """
    description, region = job.description, job.region.name
    credentials = access.assume(model.description["ExecutionRoleArn"], "SageMaker", job.arn)
    source = description["TransformInput"]["DataSource"]["S3DataSource"]
    server = hosting.Server.start(
        model,
        log_groups.TRANSFORM_JOBS,
        description["TransformJobName"],
        {"SAGEMAKER_BATCH": "true", **description.get("Environment", {})},
    )
    try:
        server.await_health()
        objects = storage.objects(source, region, credentials)
        s3 = clients.client("s3", region, credentials)
        with tempfile.TemporaryDirectory() as folder:
            failures = _answer_all(job, server, s3, objects, Path(folder))
            if job.stopping.is_set():
                return
            _store(description, objects, Path(folder), region, credentials)
        if failures:
            raise TransformError(failures[0])
    except ClientError as error:
        raise TransformError(f"ClientError: {error.response['Error']['Message']}") from None
    finally:
        server.stop()


def _answer_all(
    job: TransformJob,
    server: hosting.Server,
    s3: Any,
    objects: list[storage.Object],
    folder: Path,
) -> list[str]:
    """Write the answer to each object, read with `s3` (a boto3 client), to a file of its number.

    Returns:
        Why objects could not be answered.
    """
    failures = []
    for number, each in enumerate(objects):
        if job.stopping.is_set():
            break
        content = s3.get_object(Bucket=each.bucket, Key=each.key)["Body"].read()
        try:
            (folder / str(number)).write_bytes(_answer(job.description, server, content))
        except (TransformError, SplitError) as error:
            failures.append(str(error))
    return failures


def _store(
    job: Description,
    objects: list[storage.Object],
    folder: Path,
    region: str,
    credentials: Credentials,
) -> None:
    output = job["TransformOutput"]["S3OutputPath"].rstrip("/")
    for number, each in enumerate(objects):
        answer = folder / str(number)
        if answer.exists():
            storage.upload_file(answer, f"{output}/{each.name}.out", region, credentials)


def _answer(job: Description, server: hosting.Server, content: bytes) -> bytes:
    """Return the assembled answers to the payloads of one object."""
    source, output = job["TransformInput"], job["TransformOutput"]
    content = _decompressed(content) if source.get("CompressionType") == "Gzip" else content
    headers = {"content-type": source.get("ContentType"), "accept": output.get("Accept")}
    headers = {name: value for name, value in headers.items() if value}
    data_processing = job.get("DataProcessing")
    processing = (
        Processing.of_job(data_processing, source["ContentType"]) if data_processing else None
    )
    limit = job["MaxPayloadInMB"] * 1024 * 1024
    parts = []
    for payload in payloads(content, source.get("SplitType", "None"), job["BatchStrategy"], limit):
        request = processing.request(payload) if processing else payload
        answer = _send(server, request, headers)
        parts.append(processing.answer(payload, answer) if processing else answer)
    if output.get("AssembleWith") == "Line":
        return b"".join(part.rstrip(b"\n") + b"\n" for part in parts)
    return b"".join(parts)


def _send(server: hosting.Server, payload: bytes, headers: Mapping[str, str]) -> bytes:
    try:
        status, _, answer = server.send("POST", "/invocations", payload, headers)
    except OSError:
        status, answer = 500, b""
    if status >= 400:
        side = "ClientError" if status < 500 else "AlgorithmError"
        raise TransformError(f"{side}: See job logs for more information")
    return answer


def _decompressed(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise TransformError("ClientError: the input is not gzip, or is cut off") from None
