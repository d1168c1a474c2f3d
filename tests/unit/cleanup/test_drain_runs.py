"""DrainRuns stops executions, then jobs, and waits for both and for the Serving stack."""

import datetime as dt
from collections.abc import Callable

import pytest
from botocore.stub import Stubber

from cleanup import drain_runs
from cleanup.deletion_plan import Plan
from cleanup.descriptions import TrainingJob
from cleanup.drain_runs import Runs
from cleanup.resource import Event
from contract.cleanup_properties import DrainRunsProperties

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:mine"
EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:mine:run-1"
JOB = "mine-train-0123456789ab-0"
OF_LAB = "mine-lab-by-hand"


def plan(
    *,
    executions: tuple[str, ...] = (),
    just_ended: tuple[str, ...] = (),
    jobs: tuple[TrainingJob, ...] = (),
    serving_status: str = "",
) -> Plan:
    return drain_runs.plan(Runs(executions, just_ended, jobs, "mine-serving", serving_status))


def job(status: str) -> TrainingJob:
    return {"TrainingJobName": JOB, "TrainingJobStatus": status}


def test_a_running_execution_is_stopped_with_a_cause(check_calls: Callable[[Plan], None]) -> None:
    made = plan(executions=(EXECUTION,))
    check_calls(made)
    assert made.calls[0].parameters["executionArn"] == EXECUTION
    assert "destroyed" in made.calls[0].parameters["cause"]
    assert made.remaining == ("execution run-1",)


def test_a_job_is_stopped_only_after_its_execution(check_calls: Callable[[Plan], None]) -> None:
    jobs = (job("InProgress"),)
    together = plan(executions=(EXECUTION,), jobs=jobs)
    assert [call.operation for call in together.calls] == ["stop_execution"]
    alone = plan(jobs=jobs)
    check_calls(alone)
    assert [call.operation for call in alone.calls] == ["stop_training_job"]


def test_a_stopping_job_is_waited_for() -> None:
    made = plan(jobs=(job("Stopping"),))
    assert made.calls == ()
    assert made.remaining == (f"training job {JOB} (Stopping)",)


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_a_stack_in_progress_is_waited_for(status: str) -> None:
    assert plan(serving_status=status).remaining == (f"stack mine-serving ({status})",)


@pytest.mark.parametrize("status", ["", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_at_rest_is_not_waited_for(status: str) -> None:
    assert plan(serving_status=status) == Plan()


def test_an_execution_just_stopped_is_waited_for() -> None:
    assert plan(just_ended=(EXECUTION,)).remaining == ("execution run-1",)


def _answer_runs(stub: Callable[[str], Stubber], stopped: dt.datetime) -> None:
    states = stub("stepfunctions")
    states.add_response(
        "list_executions",
        {"executions": []},
        {"stateMachineArn": MACHINE, "statusFilter": "RUNNING"},
    )
    aborted = {
        "executionArn": EXECUTION,
        "stateMachineArn": MACHINE,
        "name": "run-1",
        "status": "ABORTED",
        "startDate": stopped,
        "stopDate": stopped,
    }
    states.add_response(
        "list_executions",
        {"executions": [aborted]},
        {"stateMachineArn": MACHINE, "statusFilter": "ABORTED"},
    )
    stub("cloudformation").add_client_error(
        "describe_stacks", "ValidationError", "Stack with id mine-serving does not exist"
    )
    found = {
        ("InProgress", "mine-train-"): (JOB, "mine-train-other-0"),
        ("InProgress", "mine-lab-"): (OF_LAB,),
        ("Stopping", "mine-train-"): (),
        ("Stopping", "mine-lab-"): (),
    }
    for (status, prefix), names in found.items():
        summaries = [
            {
                "TrainingJobName": name,
                "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:111122223333:training-job/{name}",
                "CreationTime": stopped,
                "TrainingJobStatus": status,
            }
            for name in names
        ]
        stub("sagemaker").add_response(
            "list_training_jobs",
            {"TrainingJobSummaries": summaries},
            {"NameContains": prefix, "StatusEquals": status},
        )


PROPERTIES: DrainRunsProperties = {
    "Name": "mine",
    "StateMachineArn": MACHINE,
    "ServingStackName": "mine-serving",
}


def test_only_jobs_named_by_this_deployment_are_found(stub: Callable[[str], Stubber]) -> None:
    _answer_runs(stub, dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    runs = drain_runs.look(PROPERTIES)
    assert [job["TrainingJobName"] for job in runs.jobs] == [JOB, OF_LAB]
    assert (runs.executions, runs.just_ended, runs.serving_status) == ((), (), "")


def test_an_execution_aborted_seconds_ago_is_found(stub: Callable[[str], Stubber]) -> None:
    _answer_runs(stub, dt.datetime.now(dt.UTC))
    assert drain_runs.look(PROPERTIES).just_ended == (EXECUTION,)


def test_a_state_machine_that_is_gone_runs_nothing(stub: Callable[[str], Stubber]) -> None:
    for _ in range(2):
        stub("stepfunctions").add_client_error("list_executions", "StateMachineDoesNotExist")
    stub("cloudformation").add_client_error("describe_stacks", "ValidationError", "does not exist")
    for _ in range(4):
        stub("sagemaker").add_response("list_training_jobs", {"TrainingJobSummaries": []})
    for operation, key in (
        ("list_endpoint_configs", "EndpointConfigs"),
        ("list_models", "Models"),
        ("list_endpoints", "Endpoints"),
    ):
        stub("sagemaker").add_response(operation, {key: []}, {"NameContains": "mine-lab-"})
    event: Event[DrainRunsProperties] = {
        "RequestType": "Delete",
        "ResourceProperties": PROPERTIES,
        "Deadline": 0,
    }
    assert drain_runs.is_complete(event, None) == {"IsComplete": True}
