"""Why a state failed, in words for a person."""

import json

from tasks.run.payloads import Failure, FailureNotice

_SUBJECT_LIMIT = 100
# What these say is made of numbers, names and locations. Any other cause may quote what a person
# gave, such as the value of an interaction that cannot be read.
_QUOTES_NO_DATA = {
    "ModelRejected",
    "DeploymentInProgress",
    "DeploymentFailed",
    "EndpointNotVerified",
    "ServiceUnavailable",
    "TrainingJobFailed",
    "TrainingJobStopped",
}
_SERVICES = ("Lambda.", "SageMaker.", "States.")  # their own errors


def describe(failure: Failure) -> FailureNotice:
    """Return the error's name and its message, out of what Step Functions caught.

    A function's cause is JSON with `errorMessage`; a training job's is its description, whose
    `FailureReason` says what went wrong. Anything else is passed on as it is.
    """
    error, cause = failure["Error"], failure.get("Cause", "")
    try:
        details = json.loads(cause)
    except json.JSONDecodeError:
        return {"error": error, "cause": cause}
    if not isinstance(details, dict):
        return {"error": error, "cause": cause}
    if "TrainingJobName" in details:
        status = details.get("TrainingJobStatus", "Failed")
        reason = details.get("FailureReason") or details.get("SecondaryStatus", "no reason given")
        job = details["TrainingJobName"]
        return {"error": f"TrainingJob{status}", "cause": f"training job {job}: {reason}"}
    return {"error": error, "cause": str(details.get("errorMessage", cause))}


def subject(deployment: str, notice: FailureNotice) -> str:
    """Return the subject of the e-mail about a failure, at most 100 characters as SNS requires."""
    return f"{deployment}: {notice['error']}"[:_SUBJECT_LIMIT]


def message(execution_arn: str, notice: FailureNotice) -> str:
    """Return the text of an e-mail about a failure, which leaves the account: without users' data.

    Args:
        execution_arn: the execution's.
        notice: what it fails with.
    """
    error = notice["error"]
    if error in _QUOTES_NO_DATA or error.startswith(_SERVICES):
        return f"{execution_arn} failed.\n\n{error}: {notice['cause']}"
    return (
        f"{execution_arn} failed.\n\n{error}: the cause may quote your data and is therefore not "
        "sent. It is in the execution:\n"
        f"aws stepfunctions describe-execution --execution-arn {execution_arn} --query cause"
    )
