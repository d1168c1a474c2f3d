"""Step Functions' integration with SageMaker, which acts with the state machine's role.

It also checks that role for the Lambda functions and topics that a state machine uses, which
ministack does not.
"""

import json
import time
import uuid

from local.ministack import adapter, task_resources
from local.ministack.adapter import Caller
from local.ministack.task_resources import Task
from local.sagemaker import service
from local.sagemaker.core import access
from local.sagemaker.core.api import Request, Structure, Value
from local.sagemaker.core.errors import ServiceError

CREATE_TRAINING_JOB = "arn:aws:states:::sagemaker:createTrainingJob"
# Step Functions sets this tag on jobs that it waits for, so that the role needs AddTags.
MANAGED_TAG = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
POLL_SECONDS = 0.05
RUNNING = ("InProgress", "Stopping")
# Errors that the API's model names; all others are an AmazonSageMakerException.
MODELLED_ERRORS = ("ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound")
TIMESTAMPS = ("Time", "Timestamp")


def register() -> None:
    """Add the integration to the account's Step Functions."""
    task_resources.add_integration(CREATE_TRAINING_JOB, _create_training_job)
    task_resources.watch_tasks(_authorise_task)


def _create_training_job(resource: str, parameters: Request) -> Structure:
    task = task_resources.current_task()
    caller = _caller(task)
    if not resource.endswith(".sync"):
        return _call(caller, "CreateTrainingJob", parameters)
    tags = [*parameters.get("Tags", []), MANAGED_TAG]
    _call(caller, "CreateTrainingJob", {**parameters, "Tags": tags})
    name = {"TrainingJobName": parameters["TrainingJobName"]}
    deadline = time.monotonic() + float(task.state.get("TimeoutSeconds", 10**8))
    while True:
        job: Structure = _in_milliseconds(_call(caller, "DescribeTrainingJob", name))
        if job["TrainingJobStatus"] not in RUNNING:
            break
        if not task.is_running or time.monotonic() > deadline:
            _call(caller, "StopTrainingJob", name)
            return {}
        time.sleep(POLL_SECONDS)
    if job["TrainingJobStatus"] != "Completed":
        raise task_resources.task_failure("States.TaskFailed", json.dumps(job))
    return job


def _caller(task: Task) -> Caller:
    account, region = adapter.current_scope()
    execution = str(task.execution["name"])[:64]
    return Caller(adapter.role_session(task.role, execution).access_key, account, region)


def _call(caller: Caller, operation: str, request: Request) -> Structure:
    try:
        return service.call(caller, operation, request)
    except ServiceError as error:
        name = (
            f"{error.code}Exception"
            if error.code in MODELLED_ERRORS
            else "AmazonSageMakerException"
        )
        raise task_resources.task_failure(
            f"SageMaker.{name}", _cause(error.message, "AmazonSageMaker", error.status, error.code)
        ) from None


def _authorise_task(resource: str, parameters: Request) -> None:
    """Raise the failure of a task that the state machine's role may not run."""
    if "states:::lambda:invoke" in resource:
        _authorise("lambda:InvokeFunction", _function_arn(parameters.get("FunctionName", "")))
    elif ":lambda:" in resource and ":function:" in resource:
        _authorise("lambda:InvokeFunction", resource)
    elif "states:::sns:publish" in resource and parameters.get("TopicArn"):
        _authorise("sns:Publish", parameters["TopicArn"])


def _authorise(action: str, target: str) -> None:
    try:
        access.authorise(_caller(task_resources.current_task()), action, target, {})
    except ServiceError as error:
        service_name = {"lambda": "Lambda.AWSLambda", "sns": "SNS.AmazonSNS"}[action.split(":")[0]]
        raise task_resources.task_failure(
            f"{service_name}Exception",
            _cause(error.message, service_name.split(".")[1], 403, error.code),
        ) from None


def _function_arn(name: str) -> str:
    if name.startswith("arn:"):
        return name
    account, region = adapter.current_scope()
    return f"arn:aws:lambda:{region}:{account}:function:{name}"


def _cause(message: str, service_name: str, status: int, code: str) -> str:
    return (
        f"{message} (Service: {service_name}; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {uuid.uuid4()}; Proxy: null)"
    )


def _in_milliseconds(value: Value, name: str = "") -> Value:
    """Return JSON of SageMaker with its timestamps in milliseconds, as Step Functions has them."""
    if isinstance(value, dict):
        return {key: _in_milliseconds(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_milliseconds(inner, name) for inner in value]
    if isinstance(value, float) and name.endswith(TIMESTAMPS):
        return round(value * 1000)
    return value
