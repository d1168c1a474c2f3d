"""Each function gets the variables that it reads, and runs a handler that exists."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from contract import environment
from stacks.task_environment import BLAS_THREADS, SINGLE_THREADED_BLAS

LAMBDA = Path(__file__).parents[2] / "lambda"
Templates = dict[str, dict[str, Any]]


def _functions(templates: Templates, package: str) -> dict[str, dict[str, Any]]:
    """The properties of the functions of a package, by handler."""
    return {
        resource["Properties"]["Handler"]: resource["Properties"]
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
        and resource["Properties"]["Handler"].startswith(f"{package}.")
    }


def _variables(templates: Templates) -> dict[str, set[str]]:
    """The names of the variables that are set, by handler module."""
    return {
        handler.split(".")[1]: set(function.get("Environment", {}).get("Variables", {}))
        for handler, function in _functions(templates, "tasks").items()
    }


def _expected(module: str) -> set[str]:
    blas = {BLAS_THREADS} if module in SINGLE_THREADED_BLAS else set()
    return {*environment.VARIABLES[module], *blas}


def test_there_is_a_function_for_each_handler_of_the_contract(templates: Templates) -> None:
    assert set(_variables(templates)) == set(environment.VARIABLES)


@pytest.mark.parametrize("module", environment.VARIABLES)
def test_a_function_gets_the_variables_that_it_reads_and_no_other(
    templates: Templates, module: str
) -> None:
    assert _variables(templates)[module] == _expected(module)


def test_a_variable_too_many_or_too_few_would_be_noticed(templates: Templates) -> None:
    wrong = copy.deepcopy(templates)
    functions = _functions(wrong, "tasks")
    functions["tasks.gate_model.handler"]["Environment"] = {"Variables": {"BUCKET": "b"}}
    del functions["tasks.prepare_data.handler"]["Environment"]["Variables"]["BUCKET"]
    differ = {module for module, names in _variables(wrong).items() if names != _expected(module)}
    assert differ == {"gate_model", "prepare_data"}


@pytest.mark.parametrize("package", ["tasks", "cleanup"])
def test_every_handler_exists(templates: Templates, package: str) -> None:
    functions = _functions(templates, package)
    assert functions
    for handler in functions:
        module, _, function = handler.rpartition(".")
        source = (LAMBDA / f"{module.replace('.', '/')}.py").read_text()
        assert re.search(rf"^def {function}\(", source, re.MULTILINE), handler
