"""The handlers: one for each state, named after it, and thin."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import tasks
from contract import states
from tasks.run import errors

MOST_LINES = 25
HANDLERS = [*sorted(set(states.HANDLERS.values())), "recommend"]


@pytest.mark.parametrize("module", sorted(set(states.HANDLERS.values())))
def test_a_handler_logs_by_the_name_of_its_first_state(module: str) -> None:
    first = next(state for state, handler in states.HANDLERS.items() if handler == module)
    assert import_module(f"tasks.{module}").logger.service == first


@pytest.mark.parametrize("module", HANDLERS)
def test_a_handler_is_thin(module: str) -> None:
    tree = ast.parse((Path(tasks.__file__).parent / f"{module}.py").read_text())
    (handler,) = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "handler"
    ]
    assert handler.end_lineno is not None
    assert handler.end_lineno - handler.lineno < MOST_LINES


def test_the_state_machine_retries_the_error_of_a_taken_lock() -> None:
    assert errors.DeploymentInProgress.__name__ == states.DEPLOYMENT_IN_PROGRESS


def test_the_state_machine_knows_the_error_of_a_deployment_that_cloudformation_undid() -> None:
    assert errors.DeploymentFailed.__name__ == states.DEPLOYMENT_FAILED


def test_the_state_machine_retries_the_error_of_a_service_that_is_unavailable() -> None:
    assert errors.ServiceUnavailable.__name__ == states.SERVICE_UNAVAILABLE
