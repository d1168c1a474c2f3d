"""Ends this deployment's executions and training jobs before their state machine is deleted.

It comes first of all: whatever runs writes to the bucket or updates the Serving stack, and a stack
in progress cannot be deleted. What the lab has left running by hand ends here as well.
"""

import time
from dataclasses import dataclass

from cleanup import aws, lab_endpoints, training_jobs
from cleanup.deletion_plan import Call, Plan
from cleanup.descriptions import Execution, TrainingJob
from cleanup.resource import Accepted, Event, Progress, accept, progress
from contract.cleanup_properties import DrainRunsProperties

# A task function that was running when its execution was stopped may still start something.
AFTERMATH_SECONDS = 20


@dataclass(frozen=True)
class Runs:
    """What runs.

    Attributes:
        executions: The ARNs of running executions.
        just_ended: The ARNs of executions that were aborted seconds ago.
        jobs: The training jobs that have not ended.
        serving_stack: The name of the Serving stack.
        serving_status: The status of the Serving stack, or "" if there is none.
    """

    executions: tuple[str, ...]
    just_ended: tuple[str, ...]
    jobs: tuple[TrainingJob, ...]
    serving_stack: str
    serving_status: str


def plan(runs: Runs) -> Plan:
    """Stop executions, then the jobs that outlive them; wait for both and for the stack."""
    executions = Plan(
        tuple(
            Call(
                "stepfunctions",
                "stop_execution",
                {"executionArn": arn, "error": "Destroyed", "cause": "the deployment is destroyed"},
            )
            for arn in runs.executions
        ),
        tuple(f"execution {arn.rpartition(':')[2]}" for arn in runs.executions + runs.just_ended),
    )
    jobs = training_jobs.plan_stop(runs.jobs)
    if runs.executions:
        # Jobs come second: a job stopped under its execution would be reported as a failed run.
        jobs = Plan(remaining=jobs.remaining)
    stack = Plan()
    if runs.serving_status.endswith("_IN_PROGRESS"):
        stack = Plan(remaining=(f"stack {runs.serving_stack} ({runs.serving_status})",))
    return executions + jobs + stack


def look(properties: DrainRunsProperties) -> Runs:
    """Return what of the deployment runs now."""
    machine, stack = properties["StateMachineArn"], properties["ServingStackName"]
    running = _executions(machine, "RUNNING")
    aborted = _executions(machine, "ABORTED")
    described = aws.describe("cloudformation", "describe_stacks", StackName=stack)
    return Runs(
        executions=tuple(execution["executionArn"] for execution in running),
        just_ended=tuple(execution["executionArn"] for execution in aborted if _fresh(execution)),
        jobs=tuple(
            job
            for status in training_jobs.RUNNING
            for job in training_jobs.of_deployment(properties["Name"], StatusEquals=status)
        ),
        serving_stack=stack,
        serving_status=described["Stacks"][0]["StackStatus"] if described else "",
    )


def _executions(machine: str, status: str) -> list[Execution]:
    return aws.list_all(
        "stepfunctions",
        "list_executions",
        "executions",
        stateMachineArn=machine,
        statusFilter=status,
    )


def _fresh(execution: Execution) -> bool:
    return time.time() - execution["stopDate"].timestamp() < AFTERMATH_SECONDS


def on_event(event: Event[DrainRunsProperties], _context: object) -> Accepted:
    """Accept the request; `is_complete` does the work of a Delete."""
    return accept(event, f"{event['ResourceProperties']['Name']}-runs")


def is_complete(event: Event[DrainRunsProperties], _context: object) -> Progress:
    """On Delete, stop what runs and report whether everything has ended."""
    return progress(event, _drain)


def _drain(properties: DrainRunsProperties) -> tuple[str, ...]:
    def next_plan() -> Plan:
        return plan(look(properties)) + lab_endpoints.plan(lab_endpoints.look(properties["Name"]))

    return aws.settle(next_plan)
