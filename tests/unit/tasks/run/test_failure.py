"""What a person reads of a failure."""

import json

import pytest

from tasks.run.failure import describe, message, subject


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


@pytest.mark.parametrize("error", ["InputError", "InvalidInputError", "RollBackFailed", "KeyError"])
def test_an_email_does_not_quote_what_a_person_gave(error: str) -> None:
    text = message("arn:run", {"error": error, "cause": "ratings.csv, line 3: not a number: 'Ann'"})
    assert "Ann" not in text
    assert f"arn:run failed.\n\n{error}: " in text
    assert "describe-execution --execution-arn arn:run" in text


@pytest.mark.parametrize(
    "error", ["ModelRejected", "TrainingJobFailed", "SageMaker.ResourceLimitExceededException"]
)
def test_an_email_says_what_quotes_no_data(error: str) -> None:
    text = message("arn:run", {"error": error, "cause": "auc 0.5"})
    assert text == f"arn:run failed.\n\n{error}: auc 0.5"
