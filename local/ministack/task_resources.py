"""Adds task resources to the Step Functions of ministack 1.5.33, and says which task runs."""

import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

NEEDED = {
    "ministack.services.stepfunctions": (
        "_ExecutionError _SERVICE_DISPATCH _execute_task _fail_execution _invoke_resource"
    ),
}


@dataclass(frozen=True)
class Task:
    """The task state that runs in the current context."""

    execution: Mapping[str, Any]
    state: Mapping[str, Any]

    @property
    def role(self) -> str:
        """ARN of the state machine's role when the execution started."""
        return str(self.execution["events"][0]["executionStartedEventDetails"]["roleArn"])

    @property
    def is_running(self) -> bool:
        """Whether the execution still runs, so that the task's result matters."""
        return bool(self.execution["status"] == "RUNNING")


_task: contextvars.ContextVar[Task] = contextvars.ContextVar("factorstack_task")


def current_task() -> Task:
    """The task state being run; only inside an integration."""
    return _task.get()


def task_failure(error: str, cause: str) -> Exception:
    """What an integration raises for the state to fail with this error and cause."""
    from ministack.services import stepfunctions

    failure: Exception = stepfunctions._ExecutionError(error, cause)
    return failure


def add_integration(resource: str, run: Callable[[str, dict[str, Any]], Any]) -> None:
    """Serve the task resource (an ARN without `.sync`) with `run(resource, parameters)`."""
    from ministack.services import stepfunctions

    stepfunctions._SERVICE_DISPATCH[resource] = run


def watch_tasks(before: Callable[[str, Any], None]) -> None:
    """Make `current_task` known, call `before(resource, parameters)`, keep stopped ones stopped."""
    from ministack.services import stepfunctions

    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_resource
    fail = stepfunctions._fail_execution

    def execute_known(state: Any, data: Any, execution: Any, context: Any) -> Any:
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

    stepfunctions._execute_task = execute_known
    stepfunctions._invoke_resource = invoke_allowed
    stepfunctions._fail_execution = fail_running
