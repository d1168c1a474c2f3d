"""What an execution says that went back to the previous model."""

import json

import pytest

from tasks.rollout import rollback
from tasks.run.errors import (
    DeploymentFailed,
    DeploymentInProgress,
    EndpointNotVerified,
    RollBackFailed,
    ServiceUnavailable,
)
from tasks.run.payloads import Failure

URL = "s3://bucket/runs/r/model/j/output/model.tar.gz"
FAILURE: Failure = {
    "Error": "EndpointNotVerified",
    "Cause": json.dumps({"errorMessage": "the scores differ", "errorType": "EndpointNotVerified"}),
}


def test_the_failure_says_what_serves_now_and_that_it_was_verified() -> None:
    assert rollback.completed(FAILURE, {"endpoint_name": "fs", "rows": 256}, URL) == {
        "Error": "EndpointNotVerified",
        "Cause": f"the scores differ; rolled back to {URL}, verified on 256 held-out rows",
    }


def test_without_a_previous_model_the_endpoint_is_gone() -> None:
    cause = rollback.completed(FAILURE, {"endpoint_name": "fs", "rows": 0}, "")["Cause"]
    assert cause.endswith(
        "no endpoint, as before this deployment, verified: there is no endpoint any more"
    )


def test_a_failed_roll_back_tells_of_both_failures() -> None:
    with (
        pytest.raises(
            RollBackFailed, match=r"the scores differ; rolling back to s3.* too: no ping"
        ),
        rollback.reporting_both_failures(FAILURE, URL),
    ):
        raise EndpointNotVerified("no ping")


def test_without_a_failure_before_an_error_stays_what_it_is() -> None:
    with pytest.raises(DeploymentFailed), rollback.reporting_both_failures(None, URL):
        raise DeploymentFailed("no capacity")


def test_what_is_retried_stays_what_it_is() -> None:
    with pytest.raises(DeploymentInProgress), rollback.reporting_both_failures(FAILURE, URL):
        raise DeploymentInProgress("wait")


def test_a_roll_back_that_meets_an_unavailable_service_is_retried_by_its_error() -> None:
    with pytest.raises(ServiceUnavailable), rollback.reporting_both_failures(FAILURE, URL):
        raise ServiceUnavailable("no answer")
