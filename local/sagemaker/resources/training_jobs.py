"""Training jobs as the API sees them: create, describe, list, stop."""

from local.sagemaker.core import access, images, paging, quotas, storage
from local.sagemaker.core.api import Request, Response, Structure
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, arn_of, roles_at
from local.sagemaker.core.region import Region
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import now
from local.sagemaker.resources import training_metrics, training_run
from local.sagemaker.resources.training_run import DAY, TrainingJob

ENDED = ("Completed", "Failed", "Stopped")
MAX_RUNTIME = 28 * DAY


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["TrainingJobName"]
    arn = region.arn(TrainingJob.kind, name)
    _check_algorithm(request, region.name)
    _check_limits(request)
    credentials = access.assume(request["RoleArn"], "SageMaker", arn)
    for channel in request.get("InputDataConfig", []):
        source = _s3_source(channel)
        storage.check_input(source, request["RoleArn"], region.name, credentials)
    with region.lock:
        if region.get(TrainingJob, name):
            raise in_use(
                "Training job names must be unique within an AWS account and region, and a "
                f"training job with this name already exists ({arn})"
            )
        running = [job.description for job in region.all(TrainingJob)]
        quotas.check_job(quotas.TRAINING, request, running)
        job = TrainingJob.create(region, {**_with_defaults(request), **_initial_state(arn)})
        region.add(job)
        keep_tags(job, request)
    training_run.start(job)
    return {"TrainingJobArn": arn}


def _check_limits(request: Request) -> None:
    """Check resources and times beyond what the service's model says of them."""
    resources, times = request.get("ResourceConfig", {}), request.get("StoppingCondition", {})
    if "InstanceType" not in resources or resources.get("InstanceCount", 0) < 1:
        raise invalid("ResourceConfig needs an InstanceType and an InstanceCount of at least 1.")
    runtime, wait = times.get("MaxRuntimeInSeconds", DAY), times.get("MaxWaitTimeInSeconds")
    if runtime > MAX_RUNTIME:
        raise invalid(f"MaxRuntimeInSeconds {runtime} exceeds the maximum of {MAX_RUNTIME}.")
    if request.get("EnableManagedSpotTraining", False) != (wait is not None):
        raise invalid("MaxWaitTimeInSeconds is needed for managed spot training, and only for it.")
    if wait is not None and wait < runtime:
        raise invalid(
            f"Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            f"MaxRuntimeInSeconds (MaxWaitTimeInSeconds: {wait}, MaxRuntimeInSeconds: {runtime})."
        )


def _check_algorithm(request: Request, region: str) -> None:
    algorithm = request.get("AlgorithmSpecification", {})
    if not algorithm.get("TrainingImage"):
        raise invalid("The local account trains images only: name one as TrainingImage.")
    if algorithm.get("AlgorithmName"):
        raise invalid("Both AlgorithmName and TrainingImage are given: name one of them.")
    images.check(algorithm["TrainingImage"], region)
    modes = {algorithm["TrainingInputMode"]} | {
        channel.get("InputMode") for channel in request.get("InputDataConfig", [])
    }
    if modes - {"File", None}:
        raise invalid("The local account supports the training input mode File only.")
    if any(c.get("CompressionType", "None") != "None" for c in request.get("InputDataConfig", [])):
        raise invalid("CompressionType Gzip is for the input mode Pipe only: leave it unset.")
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
    if len(set(names)) < len(names):
        raise invalid(f"Duplicate channel names: {', '.join(sorted(names))}")


def _s3_source(channel: Structure) -> Structure:
    source: Structure | None = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise invalid(f"Channel {channel['ChannelName']}: the local account reads from S3 only.")
    return source


def _with_defaults(request: Request) -> Structure:
    """Return a request with what DescribeTrainingJob shows of members that were left out."""
    algorithm = {"EnableSageMakerMetricsTimeSeries": False, **request["AlgorithmSpecification"]}
    metrics = algorithm.get("MetricDefinitions") or training_metrics.definitions()
    return {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
        "HyperParameters": {},
        **request,
        "AlgorithmSpecification": {**algorithm, "MetricDefinitions": metrics},
        "StoppingCondition": request.get("StoppingCondition") or {"MaxRuntimeInSeconds": DAY},
        "InputDataConfig": [
            {"CompressionType": "None", "RecordWrapperType": "None", **channel}
            for channel in request.get("InputDataConfig", [])
        ],
        # The SDK 2 attaches only to jobs that show a key, even if it is empty.
        "OutputDataConfig": {
            "KmsKeyId": "",
            "CompressionType": "GZIP",
            **request["OutputDataConfig"],
        },
    }


def _initial_state(arn: str) -> Structure:
    time = now()
    return {
        "TrainingJobArn": arn,
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "ModelArtifacts": {"S3ModelArtifacts": ""},
        "CreationTime": time,
        "LastModifiedTime": time,
        "SecondaryStatusTransitions": [
            {
                "Status": "Starting",
                "StartTime": time,
                "StatusMessage": "Preparing the instances for training",
            }
        ],
    }


def find(region: Region, name: str) -> TrainingJob:
    """Return the job.

    Raises:
        ServiceError: ValidationException, as the service answers.
    """
    job = region.get(TrainingJob, name)
    if job is None:
        raise invalid("Requested resource not found.")
    return job


def _describe(call: Call) -> Response:
    return find(call.region, call.request["TrainingJobName"]).description


def _stop(call: Call) -> Response:
    with call.region.lock:
        job = find(call.region, call.request["TrainingJobName"])
        if job.status in ENDED:
            raise invalid(
                f"The request was rejected because the training job is in status {job.status}."
            )
        if job.status != "Stopping":
            job.request_stop()
    return {}


def _delete(call: Call) -> Response:
    with call.region.lock:
        job = call.region.get(TrainingJob, call.request["TrainingJobName"])
        if job is None:
            raise not_found("Requested resource not found.")
        if job.status not in ENDED:
            raise in_use(
                f"The training job is in status {job.status}; only one that has ended can be "
                "deleted."
            )
        call.region.remove(job)
    return {}


def _list(call: Call) -> Response:
    """Return a page of jobs.

    As documented, MaxResults cuts the page before StatusEquals selects from it.
    """
    status = call.request.get("StatusEquals")
    is_cut = status is not None and "MaxResults" in call.request
    response = paging.list_resources(
        call,
        TrainingJob,
        "TrainingJobSummaries",
        status=None if is_cut else "TrainingJobStatus",
        order="Ascending",
        keep=lambda job: "WarmPoolStatusEquals" not in call.request or "WarmPoolStatus" in job,
    )
    if not is_cut:
        return response
    page = [job for job in response["TrainingJobSummaries"] if job["TrainingJobStatus"] == status]
    return {**response, "TrainingJobSummaries": page}


OPERATIONS = {
    "CreateTrainingJob": Operation(_create, arn_of(TrainingJob), roles_at("RoleArn")),
    "DescribeTrainingJob": Operation(_describe, arn_of(TrainingJob)),
    "StopTrainingJob": Operation(_stop, arn_of(TrainingJob)),
    "DeleteTrainingJob": Operation(_delete, arn_of(TrainingJob)),
    "ListTrainingJobs": Operation(_list),
}
