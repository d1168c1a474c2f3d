"""Of what a deployment is, each function gets to know what its handler reads."""

import grimp
import pytest

from contract import environment
from stacks.task_environment import SINGLE_THREADED_BLAS, TaskEnvironment

ENVIRONMENT = TaskEnvironment(
    bucket="a-bucket",
    deployment="mine",
    endpoint_name="mine",
    failure_topic_arn="arn:aws:sns:eu-west-1:111122223333:failures",
    serving_role_arn="arn:aws:iam::111122223333:role/serving",
    serving_stack="mine-serving",
    training_minutes=180,
)


@pytest.mark.parametrize("module", environment.VARIABLES)
def test_every_variable_of_the_contract_has_a_value(module: str) -> None:
    variables = ENVIRONMENT.variables(module)
    assert set(environment.VARIABLES[module]) <= set(variables)
    assert all(variables.values())


def test_a_variable_that_the_handler_does_not_read_is_not_set() -> None:
    assert ENVIRONMENT.variables("describe_deployment") == {"SERVING_STACK": "mine-serving"}


def test_blas_has_one_thread_where_and_only_where_top_n_is_used() -> None:
    imports = grimp.build_graph("tasks", "fm", cache_dir=None)
    users = {
        module
        for module in environment.VARIABLES
        if "fm.top_n" in imports.find_upstream_modules(f"tasks.{module}")
    }
    assert users == SINGLE_THREADED_BLAS
