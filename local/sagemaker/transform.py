"""Batch transform jobs: a model's answers to objects in S3, written beside each other."""

import gzip
import logging
import threading
from typing import Any

from botocore.exceptions import ClientError

from local.sagemaker import access, clients, hosting, models, paging, settings, storage
from local.sagemaker.errors import in_use, invalid
from local.sagemaker.operation import Call, Operation, Request, Response, named
from local.sagemaker.region import Record, Region, now
from local.sagemaker.tagging import keep_tags
from local.sagemaker.transformsplit import SplitError, payloads

KIND = "transform-job"
LOG_GROUP = "/aws/sagemaker/TransformJobs"
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
    if request.get("DataProcessing", {}).get("JoinSource", "None") != "None":
        raise invalid("The local account does not join a transform's output with its input.")


def _run(region: Region, record: Record, model: Record) -> None:
    record["_stop"].wait(settings.state_delay())
    try:
        with region.lock:
            record["TransformStartTime"] = now()
        _transform(region, record, model)
    except (TransformError, SplitError, storage.TransferError, hosting.HostingError) as error:
        _end(region, record, "Failed", str(error))
    except Exception:
        log.exception("transform job %s", record["TransformJobName"])
        _end(region, record, "Failed", "InternalServerError: We encountered an error.")
    else:
        _end(region, record, "Stopped" if record["_stop"].is_set() else "Completed")


def _transform(region: Region, record: Record, model: Record) -> None:
    credentials = access.assume(model["ExecutionRoleArn"], "SageMaker", record["TransformJobArn"])
    s3 = clients.client("s3", region.name, credentials)
    source = record["TransformInput"]["DataSource"]["S3DataSource"]
    server = hosting.Server(
        region,
        model,
        LOG_GROUP,
        record["TransformJobName"],
        {"SAGEMAKER_BATCH": "true", **record.get("Environment", {})},
    )
    try:
        server.await_health()
        folder = record["TransformOutput"]["S3OutputPath"].rstrip("/")
        for item in storage.objects(source, region.name, credentials):
            if record["_stop"].is_set():
                return
            content = s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
            _store(s3, f"{folder}/{item.name}.out", _answers(record, server, content))
    except ClientError as error:
        raise TransformError(f"ClientError: {error.response['Error']['Message']}") from None
    finally:
        server.stop()


def _answers(record: Record, server: hosting.Server, content: bytes) -> bytes:
    source, output = record["TransformInput"], record["TransformOutput"]
    if source.get("CompressionType") == "Gzip":
        content = gzip.decompress(content)
    headers = {
        "content-type": source.get("ContentType"),
        "accept": output.get("Accept"),
    }
    given = {name: value for name, value in headers.items() if value}
    limit = record["MaxPayloadInMB"] * 1024 * 1024
    parts = []
    for payload in payloads(
        content, source.get("SplitType", "None"), record["BatchStrategy"], limit
    ):
        status, _, answer = server.send("POST", "/invocations", payload, given)
        if status >= 400:
            raise TransformError("ClientError: See job logs for more information")
        parts.append(answer)
    if output.get("AssembleWith") == "Line":
        return b"".join(part.rstrip(b"\n") + b"\n" for part in parts)
    return b"".join(parts)


def _store(s3: Any, uri: str, content: bytes) -> None:
    bucket, key = clients.split_uri(uri)
    s3.put_object(Bucket=bucket, Key=key, Body=content)


def _end(region: Region, record: Record, status: str, reason: str | None = None) -> None:
    with region.lock:
        record["TransformJobStatus"] = status
        record["TransformEndTime"] = record["LastModifiedTime"] = now()
        if reason:
            record["FailureReason"] = reason


def _find(region: Region, name: str) -> Record:
    record = region.get(KIND, name)
    if record is None:
        raise invalid(f'Could not find job "{region.arn(KIND, name)}".')
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
