"""Adds task resources to the Step Functions of ministack 1.5.33, and tells which task runs."""

import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]  # a JSON object: a task's parameters or result
NEEDED = {
    "ministack.services.stepfunctions": (
        "_ExecutionError _SERVICE_DISPATCH _execute_task _fail_execution _invoke_resource"
    ),
}


@dataclass(frozen=True)
class Task:
    """A task state that runs.

    Attributes:
        execution: ministack's description of the execution, which changes as it goes on.
        state: the state's definition in Amazon States Language.
    """

    execution: Json
    state: Json

    @property
    def role(self) -> str:
        """The ARN of the state machine's role when the execution started."""
        return str(self.execution["events"][0]["executionStartedEventDetails"]["roleArn"])

    @property
    def is_running(self) -> bool:
        """Whether the execution still runs, so that the task's result matters."""
        return bool(self.execution["status"] == "RUNNING")


_task: contextvars.ContextVar[Task] = contextvars.ContextVar("factorstack_task")


def current_task() -> Task:
    """Return the task state of the current context, which must be that of an integration."""
    return _task.get()


def task_failure(error: str, cause: str) -> Exception:
    """Return the exception that makes the state fail with this error and cause."""
    from ministack.services import stepfunctions

    failure: Exception = stepfunctions._ExecutionError(error, cause)
    return failure


def add_integration(resource: str, run: Callable[[str, Json], Json]) -> None:
    """Add a task resource to Step Functions.

    Args:
        resource: its ARN, without `.sync`.
        run: (ARN in the definition, parameters) -> result.
    """
    from ministack.services import stepfunctions

    stepfunctions._SERVICE_DISPATCH[resource] = run


def watch_tasks(before: Callable[[str, Json], None]) -> None:
    """Follow the tasks that run.

    `current_task` returns the task of the context from here on, `before(resource, parameters)` is
    called ahead of each, and an execution that was stopped is not failed afterwards.
    """
    from ministack.services import stepfunctions

    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_resource
    fail = stepfunctions._fail_execution

    def execute_in_context(state: Any, data: Any, execution: Any, context: Any) -> Any:
        # The local account cannot redrive an execution.
        context["Execution"].setdefault("RedriveCount", 0)
        token = _task.set(Task(execution, state))
        try:
            return execute(state, data, execution, context)
        finally:
            _task.reset(token)

    def invoke_allowed(resource: str, parameters: Any) -> Any:
        before(resource, parameters)
        return invoke(resource, parameters)

    def fail_running(execution: Any, error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._execute_task = execute_in_context
    stepfunctions._invoke_resource = invoke_allowed
    stepfunctions._fail_execution = fail_running
