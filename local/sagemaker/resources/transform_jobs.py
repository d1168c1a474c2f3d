"""Batch transform jobs as the API sees them: create, describe, list, stop."""

from local.sagemaker.core import access, paging, quotas, storage
from local.sagemaker.core.api import Description, Request, Response
from local.sagemaker.core.errors import in_use, invalid
from local.sagemaker.core.operation import Call, Operation, arn_of
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import now
from local.sagemaker.resources import models, transform_run
from local.sagemaker.resources.transform_join import JSON, JSON_LINES, PathError, Processing
from local.sagemaker.resources.transform_run import TransformJob

DEFAULT_PAYLOAD_MB = 6


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["TransformJobName"]
    arn = region.arn(TransformJob.kind, name)
    model = models.find(region, request["ModelName"])
    _check(request)
    role = model.description["ExecutionRoleArn"]
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    storage.check_input(source, role, region.name, access.assume(role, "SageMaker", arn))
    with region.lock:
        if region.get(TransformJob, name):
            raise in_use(
                "Job name must be unique within an AWS account and region, and a job with this "
                f"name already exists ({arn})"
            )
        running = [job.description for job in region.all(TransformJob)]
        quotas.check_job(quotas.TRANSFORM, request, running)
        job = TransformJob.create(
            region,
            {
                "BatchStrategy": "MultiRecord",
                "MaxPayloadInMB": DEFAULT_PAYLOAD_MB,
                **request,
                "TransformJobArn": arn,
                "TransformJobStatus": "InProgress",
                "CreationTime": now(),
            },
        )
        region.add(job)
        keep_tags(job, request)
    transform_run.start(job, model)
    return {"TransformJobArn": arn}


def _check(request: Request) -> None:
    if request["TransformInput"].get("SplitType", "None") == "TFRecord":
        raise invalid("The local account does not split TFRecord.")
    settings = request.get("DataProcessing")
    if settings is None:
        return
    content_type = request["TransformInput"].get("ContentType")
    if content_type not in (JSON, JSON_LINES):
        raise invalid(
            f"DataProcessing needs the ContentType {JSON} or {JSON_LINES}, not {content_type}."
        )
    try:
        Processing.of_job(settings, content_type)
    except PathError as error:
        raise invalid(f"DataProcessing: {error}.") from None


def _find(call: Call) -> TransformJob:
    name = call.request["TransformJobName"]
    job = call.region.get(TransformJob, name)
    if job is None:
        raise invalid(f"Could not find requested job with name: {name}")
    return job


def _describe(call: Call) -> Response:
    return _find(call).description


def _stop(call: Call) -> Response:
    with call.region.lock:
        job = _find(call)
        if job.status != "InProgress":
            raise invalid(
                f"The request was rejected because the transform job is in status {job.status}."
            )
        job.request_stop()
    return {}


def _list(call: Call) -> Response:
    return paging.list_resources(
        call,
        TransformJob,
        "TransformJobSummaries",
        status="TransformJobStatus",
        summarise=_summarise,
    )


def _summarise(job: Description) -> Description:
    return {**job, "LastModifiedTime": job.get("TransformEndTime", job["CreationTime"])}


OPERATIONS = {
    "CreateTransformJob": Operation(_create, arn_of(TransformJob)),
    "DescribeTransformJob": Operation(_describe, arn_of(TransformJob)),
    "StopTransformJob": Operation(_stop, arn_of(TransformJob)),
    "ListTransformJobs": Operation(_list),
}
