"""The states' handlers and errors are those that the task functions have."""

from pathlib import Path

import pytest

from contract import environment, states
from tasks.run import errors

TASKS = Path(__file__).parents[3] / "lambda" / "tasks"


@pytest.mark.parametrize("module", sorted(set(states.HANDLERS.values())))
def test_the_handler_of_a_state_exists(module: str) -> None:
    assert "def handler(" in (TASKS / f"{module}.py").read_text()


def test_every_handler_but_recommend_stands_behind_a_state() -> None:
    handlers = {path.stem for path in TASKS.glob("*.py")} - {"__init__"}
    assert handlers == {*states.HANDLERS.values(), "recommend"}


def test_the_variables_of_every_handler_are_known() -> None:
    assert set(environment.VARIABLES) == {*states.HANDLERS.values(), "recommend"}


def test_the_error_that_waits_is_the_one_that_the_lock_raises() -> None:
    # Step Functions names an error of a function by its class.
    assert errors.DeploymentInProgress.__name__ == states.DEPLOYMENT_IN_PROGRESS
