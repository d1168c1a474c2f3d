"""Why a state failed, in words for a person."""

import json

from tasks.run.payloads import Failure, FailureNotice

_SUBJECT_LIMIT = 100


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
