"""Batch transform jobs: a model's answers to objects in S3, written beside each other."""

import gzip
import logging
import tempfile
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from contract import log_groups
from local.ministack.adapter import Credentials
from local.sagemaker.core import access, clients, paging, quotas, settings, storage
from local.sagemaker.core.errors import in_use, invalid
from local.sagemaker.core.operation import Call, Operation, Request, Response, named
from local.sagemaker.core.region import Record, Region, now
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.resources import hosting, models
from local.sagemaker.resources.transform_join import JSON, JSON_LINES, PathError, Processing
from local.sagemaker.resources.transform_split import SplitError, payloads

KIND = "transform-job"
DEFAULT_PAYLOAD_MB = 6
log = logging.getLogger("sagemaker")


class TransformError(Exception):
    """A job that cannot go on; the message is its FailureReason."""


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["TransformJobName"]
    arn = region.arn(KIND, name)
    model = models.find(region, models.MODEL, request["ModelName"])
    _check(request)
    credentials = access.assume(model["ExecutionRoleArn"], "SageMaker", arn)
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    storage.check_input(source, model["ExecutionRoleArn"], region.name, credentials)
    with region.lock:
        if region.get(KIND, name):
            raise in_use(
                "Job name must be unique within an AWS account and region, and a job with this "
                f"name already exists ({arn})"
            )
        quotas.check_jobs(region, KIND, request)
        record: Record = {
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": DEFAULT_PAYLOAD_MB,
            **request,
            "TransformJobArn": arn,
            "TransformJobStatus": "InProgress",
            "CreationTime": now(),
            "LastModifiedTime": now(),
            "_stop": threading.Event(),
        }
        region.put(KIND, [name], record)
        keep_tags(region, arn, request)
    threading.Thread(target=_run, args=(region, record, model), daemon=True).start()
    return {"TransformJobArn": arn}


def _check(request: Request) -> None:
    if request["TransformInput"].get("SplitType", "None") == "TFRecord":
        raise invalid("The local account does not split TFRecord.")
    settings = request.get("DataProcessing")
    if settings is None:
        return
    kind = request["TransformInput"].get("ContentType")
    if kind not in (JSON, JSON_LINES):
        raise invalid(f"DataProcessing needs the ContentType {JSON} or {JSON_LINES}, not {kind}.")
    try:
        Processing(settings, lines=kind == JSON_LINES)
    except PathError as error:
        raise invalid(f"DataProcessing: {error}.") from None


def _run(region: Region, record: Record, model: Record) -> None:
    record["_stop"].wait(settings.state_delay())
    try:
        with region.lock:
            record["TransformStartTime"] = now()
        _transform(region, record, model)
    except (TransformError, SplitError, storage.TransferError, hosting.HostingError) as error:
        end(region, record, "Failed", str(error))
    except Exception:
        log.exception("transform job %s", record["TransformJobName"])
        end(region, record, "Failed", "InternalServerError: We encountered an error.")
    else:
        end(region, record, "Stopped" if record["_stop"].is_set() else "Completed")


def _transform(region: Region, record: Record, model: Record) -> None:
    """Answer every object, and store the answers unless the job was stopped meanwhile.

    An object that cannot be answered has no output and fails the job, after all others.
    """
    credentials = access.assume(model["ExecutionRoleArn"], "SageMaker", record["TransformJobArn"])
    source = record["TransformInput"]["DataSource"]["S3DataSource"]
    server = hosting.Server(
        region,
        model,
        log_groups.TRANSFORM_JOBS,
        record["TransformJobName"],
        {"SAGEMAKER_BATCH": "true", **record.get("Environment", {})},
    )
    try:
        server.await_health()
        items = storage.objects(source, region.name, credentials)
        with tempfile.TemporaryDirectory() as kept:
            failures = _answer_all(
                record, server, clients.client("s3", region.name, credentials), items, Path(kept)
            )
            if record["_stop"].is_set():
                return
            _store(record, items, Path(kept), region, credentials)
        if failures:
            raise TransformError(failures[0])
    except ClientError as error:
        raise TransformError(f"ClientError: {error.response['Error']['Message']}") from None
    finally:
        server.stop()


def _answer_all(
    record: Record, server: hosting.Server, s3: Any, items: list[storage.Object], kept: Path
) -> list[str]:
    """Keep the answers to each object in a file of its number; gives what failed."""
    failures = []
    for number, item in enumerate(items):
        if record["_stop"].is_set():
            break
        content = s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
        try:
            (kept / str(number)).write_bytes(_answers(record, server, content))
        except (TransformError, SplitError) as error:
            failures.append(str(error))
    return failures


def _store(
    record: Record,
    items: list[storage.Object],
    kept: Path,
    region: Region,
    credentials: Credentials,
) -> None:
    folder = record["TransformOutput"]["S3OutputPath"].rstrip("/")
    for number, item in enumerate(items):
        answers = kept / str(number)
        if answers.exists():
            storage.upload_file(answers, f"{folder}/{item.name}.out", region.name, credentials)


def _answers(record: Record, server: hosting.Server, content: bytes) -> bytes:
    source, output = record["TransformInput"], record["TransformOutput"]
    content = _decompressed(content) if source.get("CompressionType") == "Gzip" else content
    headers = {
        "content-type": source.get("ContentType"),
        "accept": output.get("Accept"),
    }
    given = {name: value for name, value in headers.items() if value}
    limit = record["MaxPayloadInMB"] * 1024 * 1024
    settings = record.get("DataProcessing")
    processing = (
        Processing(settings, lines=source["ContentType"] == JSON_LINES) if settings else None
    )
    parts = []
    for payload in payloads(
        content, source.get("SplitType", "None"), record["BatchStrategy"], limit
    ):
        sent = processing.request(payload) if processing else payload
        answer = _answer(server, sent, given)
        parts.append(processing.answer(payload, answer) if processing else answer)
    if output.get("AssembleWith") == "Line":
        return b"".join(part.rstrip(b"\n") + b"\n" for part in parts)
    return b"".join(parts)


def _answer(server: hosting.Server, payload: bytes, headers: Mapping[str, str]) -> bytes:
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


def end(region: Region, record: Record, status: str, reason: str | None = None) -> None:
    """Let the job end with a status."""
    with region.lock:
        record["TransformJobStatus"] = status
        record["TransformEndTime"] = record["LastModifiedTime"] = now()
        if reason:
            record["FailureReason"] = reason


def _find(region: Region, name: str) -> Record:
    record = region.get(KIND, name)
    if record is None:
        raise invalid(f"Could not find requested job with name: {name}")
    return record


def _describe(call: Call) -> Response:
    return _find(call.region, call.request["TransformJobName"])


def _stop(call: Call) -> Response:
    with call.region.lock:
        record = _find(call.region, call.request["TransformJobName"])
        if record["TransformJobStatus"] != "InProgress":
            raise invalid(
                "The request was rejected because the transform job is in status "
                f"{record['TransformJobStatus']}."
            )
        record["TransformJobStatus"] = "Stopping"
        record["_stop"].set()
    return {}


def _list(call: Call) -> Response:
    return paging.listing(
        call,
        KIND,
        "TransformJobSummaries",
        name="TransformJobName",
        status="TransformJobStatus",
    )


_job = named(KIND, "TransformJobName")
OPERATIONS = {
    "CreateTransformJob": Operation(_create, _job),
    "DescribeTransformJob": Operation(_describe, _job),
    "StopTransformJob": Operation(_stop, _job),
    "ListTransformJobs": Operation(_list),
}
