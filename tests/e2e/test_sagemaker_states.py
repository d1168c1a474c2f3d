"""The training task of Step Functions in the local account: its rights, results and failures."""

import json
import time
from collections.abc import Callable
from typing import Any, Self

import pytest

Request = Callable[..., dict[str, Any]]
JOBS = "arn:aws:sagemaker:us-east-1:000000000000:training-job/*"
ACTIONS = [
    "sagemaker:AddTags",
    *(f"sagemaker:{verb}TrainingJob" for verb in ("Create", "Describe", "Stop")),
]


class Machine:
    """A state machine with one training task, and its executions."""

    def __init__(self, states: Any, arn: str) -> None:
        self.states = states
        self.arn = arn

    @classmethod
    def create(cls, client: Callable[..., Any], role: str, name: str) -> Self:
        """Create the state machine."""
        states = client("stepfunctions")
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
            "End": True,
        }
        created = states.create_state_machine(
            name=name,
            definition=json.dumps({"StartAt": "Train", "States": {"Train": task}}),
            roleArn=role,
        )
        return cls(states, created["stateMachineArn"])

    def start(self, request: dict[str, Any]) -> str:
        """Start an execution, and return its ARN."""
        started = self.states.start_execution(
            stateMachineArn=self.arn, name=request["TrainingJobName"], input=json.dumps(request)
        )
        return str(started["executionArn"])

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run an execution, and return its description once it has ended."""
        execution = self.start(request)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            described: dict[str, Any] = self.states.describe_execution(executionArn=execution)
            if described["status"] != "RUNNING":
                return described
            time.sleep(0.1)
        raise TimeoutError(execution)


@pytest.fixture(scope="module")
def machine(
    client: Callable[..., Any], make_role: Callable[..., str], execution_role: str
) -> Machine:
    """Make a machine whose role has exactly what the training task needs."""
    role = make_role(
        "machine",
        "states.amazonaws.com",
        {"Effect": "Allow", "Action": ACTIONS, "Resource": JOBS},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": execution_role},
    )
    return Machine.create(client, role, "training")


def test_task_waits_for_the_job_and_returns_its_description(
    client: Callable[..., Any], machine: Machine, job_request: Request
) -> None:
    ended = machine.run(job_request("by-states"))
    job = json.loads(ended["output"])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == (
        "s3://lab/jobs/by-states/output/model.tar.gz"
    )
    assert isinstance(job["CreationTime"], int)
    tags = client("sagemaker").list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
    assert tags == [{"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}]


def test_job_that_fails_fails_the_task_with_its_description(
    machine: Machine, job_request: Request
) -> None:
    ended = machine.run(job_request("fails-by-states", num_factors="many"))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert "num_factors" in json.loads(ended["cause"])["FailureReason"]


def test_refused_request_names_sagemakers_exception(machine: Machine, job_request: Request) -> None:
    request = job_request("refused-by-states") | {"RoleArn": job_request("x")["RoleArn"] + "x"}
    ended = machine.run(request)
    assert ended["error"] == "SageMaker.AmazonSageMakerException"
    assert "iam:PassRole" in ended["cause"]


def test_a_quota_that_is_used_up_has_an_error_of_its_own(
    machine: Machine, job_request: Request
) -> None:
    request = job_request("too-many-by-states")
    request["ResourceConfig"]["InstanceCount"] = 21
    ended = machine.run(request)
    assert ended["error"] == "SageMaker.ResourceLimitExceededException"
    assert "for training job usage' is 20 Instances" in ended["cause"]


def test_stopped_execution_stops_its_job(
    client: Callable[..., Any], machine: Machine, job_request: Request
) -> None:
    execution = machine.start(job_request("stopped-by-states", epochs="1000000"))
    sagemaker = client("sagemaker")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        jobs = sagemaker.list_training_jobs(NameContains="stopped-by-states")
        if jobs["TrainingJobSummaries"]:
            break
        time.sleep(0.05)
    machine.states.stop_execution(executionArn=execution)
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName="stopped-by-states", WaiterConfig={"Delay": 1}
    )
    assert machine.states.describe_execution(executionArn=execution)["status"] == "ABORTED"


@pytest.mark.parametrize(
    "missing", ["sagemaker:CreateTrainingJob", "sagemaker:AddTags", "iam:PassRole"]
)
def test_missing_permission_of_the_machine_is_named(
    client: Callable[..., Any],
    make_role: Callable[..., str],
    execution_role: str,
    job_request: Request,
    missing: str,
) -> None:
    name = missing.partition(":")[2]
    granted = {*ACTIONS, "iam:PassRole"} - {missing}
    statement = {"Effect": "Allow", "Action": sorted(granted), "Resource": "*"}
    role = make_role(f"lacks-{name}", "states.amazonaws.com", statement)
    ended = Machine.create(client, role, f"lacks-{name}").run(job_request(f"lacks-{name}"))
    assert ended["error"] == "SageMaker.AmazonSageMakerException"
    assert f"is not authorized to perform: {missing}" in ended["cause"]
