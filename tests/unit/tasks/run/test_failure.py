"""What a person reads of a failure."""

import json

from tasks.run.failure import describe, subject


def test_a_functions_error_is_its_message() -> None:
    cause = json.dumps(
        {"errorType": "ModelRejected", "errorMessage": "auc is 0.5", "stackTrace": []}
    )
    assert describe({"Error": "ModelRejected", "Cause": cause}) == {
        "error": "ModelRejected",
        "cause": "auc is 0.5",
    }


def test_a_training_jobs_error_is_its_failure_reason() -> None:
    cause = json.dumps(
        {
            "TrainingJobName": "fs-train-0",
            "TrainingJobStatus": "Failed",
            "FailureReason": "ClientError: feature_dim",
        }
    )
    assert describe({"Error": "States.TaskFailed", "Cause": cause}) == {
        "error": "TrainingJobFailed",
        "cause": "training job fs-train-0: ClientError: feature_dim",
    }


def test_text_is_passed_on() -> None:
    notice = {"error": "SageMaker.AmazonSageMakerException", "cause": "quota [1] is 0"}
    assert describe({"Error": notice["error"], "Cause": notice["cause"]}) == notice


def test_a_subject_fits_an_email() -> None:
    long = subject("mine", {"error": "E" * 200, "cause": "c"})
    assert long.startswith("mine: EEE")
    assert len(long) == 100


def test_a_timeout_without_a_cause_keeps_its_name() -> None:
    assert describe({"Error": "States.Timeout"}) == {"error": "States.Timeout", "cause": ""}
