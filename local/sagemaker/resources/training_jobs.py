"""Training jobs as the API sees them: create, describe, list, stop."""

from local.sagemaker.core import access, images, paging, quotas, storage
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, Request, Response, named, role_member
from local.sagemaker.core.region import Record, Region, now
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.resources import training_metrics, training_run

KIND = "training-job"
ENDED = ("Completed", "Failed", "Stopped")
DAY = 24 * 60 * 60
MAX_RUNTIME = 28 * DAY


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["TrainingJobName"]
    arn = region.arn(KIND, name)
    _check_algorithm(request, region.name)
    _check_limits(request)
    credentials = access.assume(request["RoleArn"], "SageMaker", arn)
    for channel in request.get("InputDataConfig", []):
        source = _s3_source(channel)
        storage.check_input(source, request["RoleArn"], region.name, credentials)
    with region.lock:
        if region.get(KIND, name):
            raise in_use(
                "Training job names must be unique within an AWS account and region, and a "
                f"training job with this name already exists ({arn})"
            )
        quotas.check_jobs(region, KIND, request)
        record = _record(request, arn)
        region.put(KIND, [name], record)
        keep_tags(region, arn, request)
    training_run.start(region, record)
    return {"TrainingJobArn": arn}


def _check_limits(request: Request) -> None:
    """What the service refuses of resources and times, beyond its model."""
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


def _s3_source(channel: Request) -> Request:
    source: Request | None = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise invalid(f"Channel {channel['ChannelName']}: the local account reads from S3 only.")
    return source


def _record(request: Request, arn: str) -> Record:
    time = now()
    algorithm = {"EnableSageMakerMetricsTimeSeries": False} | request["AlgorithmSpecification"]
    return {
        **request,
        "TrainingJobArn": arn,
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "ModelArtifacts": {"S3ModelArtifacts": ""},
        "AlgorithmSpecification": algorithm
        | {
            "MetricDefinitions": algorithm.get("MetricDefinitions")
            or training_metrics.definitions()
        },
        "StoppingCondition": request.get("StoppingCondition") or {"MaxRuntimeInSeconds": DAY},
        "HyperParameters": request.get("HyperParameters", {}),
        "InputDataConfig": [
            {"CompressionType": "None", "RecordWrapperType": "None"} | channel
            for channel in request.get("InputDataConfig", [])
        ],
        # The SDK 2 attaches only to jobs that show a key, be it none.
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP"}
        | request["OutputDataConfig"],
        "EnableNetworkIsolation": request.get("EnableNetworkIsolation", False),
        "EnableInterContainerTrafficEncryption": request.get(
            "EnableInterContainerTrafficEncryption", False
        ),
        "EnableManagedSpotTraining": request.get("EnableManagedSpotTraining", False),
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


def find(region: Region, name: str) -> Record:
    """The job; raises ValidationException as the service does."""
    record = region.get(KIND, name)
    if record is None:
        raise invalid("Requested resource not found.")
    return record


def _describe(call: Call) -> Response:
    return find(call.region, call.request["TrainingJobName"])


def _stop(call: Call) -> Response:
    region = call.region
    with region.lock:
        record = find(region, call.request["TrainingJobName"])
        if record["TrainingJobStatus"] in ENDED:
            raise invalid(
                "The request was rejected because the training job is in status "
                f"{record['TrainingJobStatus']}."
            )
        if record["TrainingJobStatus"] != "Stopping":
            training_run.request_stop(region, record)
    return {}


def _delete(call: Call) -> Response:
    region = call.region
    with region.lock:
        record = region.get(KIND, call.request["TrainingJobName"])
        if record is None:
            raise not_found("Requested resource not found.")
        if record["TrainingJobStatus"] not in ENDED:
            raise in_use(
                f"The training job is in status {record['TrainingJobStatus']}; only one that has "
                "ended can be deleted."
            )
        region.drop(KIND, record["TrainingJobName"])
    return {}


def _list(call: Call) -> Response:
    """A page of jobs; of a page that MaxResults cuts, those with the status (as documented)."""
    status = call.request.get("StatusEquals")
    cut = status is not None and "MaxResults" in call.request
    answer = paging.listing(
        call,
        KIND,
        "TrainingJobSummaries",
        name="TrainingJobName",
        status=None if cut else "TrainingJobStatus",
        order="Ascending",
        keep=lambda job: "WarmPoolStatusEquals" not in call.request or "WarmPoolStatus" in job,
    )
    if not cut:
        return answer
    page = [job for job in answer["TrainingJobSummaries"] if job["TrainingJobStatus"] == status]
    return {**answer, "TrainingJobSummaries": page}


OPERATIONS = {
    "CreateTrainingJob": Operation(_create, named(KIND, "TrainingJobName"), role_member("RoleArn")),
    "DescribeTrainingJob": Operation(_describe, named(KIND, "TrainingJobName")),
    "StopTrainingJob": Operation(_stop, named(KIND, "TrainingJobName")),
    "DeleteTrainingJob": Operation(_delete, named(KIND, "TrainingJobName")),
    "ListTrainingJobs": Operation(_list),
}
