"""Roll-back: the states after a failed verification, and what the lock needs."""

import json
from typing import Any

import pytest

from contract.states import DEPLOYMENT_FAILED, DEPLOYMENT_IN_PROGRESS
from stacks.endpoint_settings import Endpoint
from tests.synth.conftest import Definition


@pytest.fixture
def states(definition: Definition) -> dict[str, Any]:
    states_by_name: dict[str, Any] = definition["States"]
    return states_by_name


def test_a_failed_verification_goes_back_and_is_verified(states: dict[str, Any]) -> None:
    assert states["VerifyEndpoint"]["Catch"][0]["Next"] == "RollBackModel"
    assert states["RollBackModel"]["Next"] == "WaitForRollBack"
    assert states["WaitForRollBack"]["Next"] == "DescribeRollBack"
    assert states["DescribeRollBack"]["Next"] == "RolledBack"
    (done,) = states["RolledBack"]["Choices"]
    assert done["Next"] == "VerifyRollBack"
    assert states["RolledBack"]["Default"] == "WaitForRollBack"


def test_an_update_that_cannot_be_followed_is_rolled_back_unless_cloudformation_did_it(
    states: dict[str, Any],
) -> None:
    own, rest = states["DescribeDeployment"]["Catch"]
    assert (own["ErrorEquals"], own["Next"]) == ([DEPLOYMENT_FAILED], "NotifyFailure")
    assert (rest["ErrorEquals"], rest["Next"]) == (["States.ALL"], "RollBackModel")


def test_the_execution_fails_nonetheless_with_what_the_roll_back_says(
    states: dict[str, Any],
) -> None:
    assert states["VerifyRollBack"]["ResultPath"] == "$.failure"
    assert states["VerifyRollBack"]["Next"] == "NotifyFailure"


def test_the_roll_back_is_asked_about_with_the_failure_behind_it(states: dict[str, Any]) -> None:
    assert states["DescribeRollBack"]["Parameters"] == {
        "deployment.$": "$.roll_back",
        "failure.$": "$.failure",
    }


@pytest.mark.parametrize("state", ["DeployModel", "RollBackModel"])
def test_a_deployment_waits_for_anothers_roll_out_and_roll_back(
    states: dict[str, Any], state: str
) -> None:
    (retry,) = [
        retry
        for retry in states[state]["Retry"]
        if retry["ErrorEquals"] == [DEPLOYMENT_IN_PROGRESS]
    ]
    waited = retry["IntervalSeconds"] * retry["MaxAttempts"]
    assert waited == 2 * 60 * Endpoint().roll_out_minutes == 2 * 3600


@pytest.mark.parametrize(
    "function", ["DeployModel", "RollBackModel", "VerifyEndpoint", "VerifyRollBack"]
)
def test_only_the_lock_and_what_is_live_are_written(
    templates: dict[str, Any], function: str
) -> None:
    resources = [
        statement["Resource"]
        for name, resource in templates["pipeline"]["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith(f"Tasks{function}")
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        if "s3:PutObject" in json.dumps(statement["Action"])
    ]
    lock, *live = map(json.dumps, resources)
    assert lock.endswith('/deployment/lock.json"]]}')
    assert len(live) == function.startswith("Verify")
    assert all(each.endswith('/deployment/live.json"]]}') for each in live)
