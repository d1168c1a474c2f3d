"""What a state failed of, in words for a person."""

import json


def describe(failure: dict[str, str]) -> dict[str, str]:
    """Return the error's name and its message, out of what a state was caught with.

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
