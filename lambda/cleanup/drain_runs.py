"""Ends this deployment's executions and training jobs before their state machine is deleted.

Deleted first of all: whatever runs writes to the bucket, or updates the Serving stack, and a stack
in progress cannot be deleted.
"""

import time
from dataclasses import dataclass
from typing import Any

from cleanup import aws
from cleanup.deletion_plan import Call, Plan
from cleanup.resource import Event, Properties, accept, progress
from contract.names import is_training_job, training_job_prefix

# A task function that was running when its execution was stopped may still start something.
AFTERMATH_SECONDS = 20


@dataclass(frozen=True)
class Runs:
    """What was found running: ARNs of executions, training jobs with status, the stack's status."""

    executions: tuple[str, ...]
    just_ended: tuple[str, ...]
    jobs: tuple[tuple[str, str], ...]
    serving_stack: str
    serving_status: str


def plan(runs: Runs) -> Plan:
    """Stop executions, then the jobs that outlive them; wait for both and for the stack."""
    calls = [
        Call(
            "stepfunctions",
            "stop_execution",
            {"executionArn": arn, "error": "Destroyed", "cause": "the deployment is destroyed"},
        )
        for arn in runs.executions
    ]
    if not runs.executions:
        # Jobs come second: a job stopped under its execution would be reported as a failed run.
        calls += [
            Call("sagemaker", "stop_training_job", {"TrainingJobName": job})
            for job, status in runs.jobs
            if status == "InProgress"
        ]
    remaining = [f"execution {arn.rpartition(':')[2]}" for arn in runs.executions + runs.just_ended]
    remaining += [f"training job {job} ({status})" for job, status in runs.jobs]
    if runs.serving_status.endswith("_IN_PROGRESS"):
        remaining.append(f"stack {runs.serving_stack} ({runs.serving_status})")
    return Plan(tuple(calls), tuple(remaining))


def look(properties: Properties) -> Runs:
    """Return what of the deployment runs now."""
    name, machine = properties["Name"], properties["StateMachineArn"]
    stack = properties["ServingStackName"]
    running = _executions(machine, "RUNNING")
    aborted = _executions(machine, "ABORTED")
    described = aws.describe("cloudformation", "describe_stacks", StackName=stack)
    return Runs(
        executions=tuple(execution["executionArn"] for execution in running),
        just_ended=tuple(execution["executionArn"] for execution in aborted if _fresh(execution)),
        jobs=tuple(_active_jobs(name)),
        serving_stack=stack,
        serving_status=described["Stacks"][0]["StackStatus"] if described else "",
    )


def _executions(machine: str, status: str) -> list[dict[str, Any]]:
    return aws.list_all(
        "stepfunctions",
        "list_executions",
        "executions",
        stateMachineArn=machine,
        statusFilter=status,
    )


def _fresh(execution: dict[str, Any]) -> bool:
    return bool(time.time() - execution["stopDate"].timestamp() < AFTERMATH_SECONDS)


def _active_jobs(name: str) -> list[tuple[str, str]]:
    return [
        (job["TrainingJobName"], status)
        for status in ("InProgress", "Stopping")
        for job in aws.list_all(
            "sagemaker",
            "list_training_jobs",
            "TrainingJobSummaries",
            NameContains=training_job_prefix(name),
            StatusEquals=status,
        )
        if is_training_job(name, job["TrainingJobName"])
    ]


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Accept the request; `is_complete` does the work of a Delete."""
    return accept(event, f"{event['ResourceProperties']['Name']}-runs")


def is_complete(event: Event, _context: object) -> dict[str, bool]:
    """On Delete, stop what runs and report whether everything has ended."""
    return progress(event, lambda given: aws.settle(lambda: plan(look(given))))
