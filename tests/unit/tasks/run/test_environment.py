"""A function's environment: what its handler declares, and nothing else."""

import ast
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path

import pytest

import tasks
from contract.environment import VARIABLES
from tasks.run import environment
from tasks.run.errors import MissingVariableError

ROOM = Path(tasks.__file__).parent


@dataclass(frozen=True)
class Example:
    """A function's variables."""

    bucket: str
    serving_stack: str


@pytest.mark.parametrize("module", VARIABLES)
def test_a_handler_declares_the_variables_that_its_function_has(module: str) -> None:
    declared = getattr(import_module(f"tasks.{module}"), "Environment", None)
    names = [field.name.upper() for field in fields(declared)] if declared else []
    assert sorted(names) == sorted(VARIABLES[module])


def test_every_handler_has_a_function() -> None:
    handlers = {path.stem for path in ROOM.glob("*.py")} - {"__init__"}
    assert handlers == set(VARIABLES)


@pytest.mark.parametrize("module", [name for name, variables in VARIABLES.items() if variables])
def test_a_handler_reads_its_own_variables_once(module: str) -> None:
    tree = ast.parse((ROOM / f"{module}.py").read_text())
    reads = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "environment.read"
    ]
    assert reads == ["environment.read(Environment)"]


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOM).as_posix()
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv")
    }
    assert readers == {"run/environment.py"}


def test_variables_are_read_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "b")
    monkeypatch.setenv("SERVING_STACK", "fs-serving")
    assert environment.read(Example) == Example("b", "fs-serving")


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "b")
    monkeypatch.delenv("SERVING_STACK", raising=False)
    with pytest.raises(MissingVariableError, match="lacks SERVING_STACK: "):
        environment.read(Example)
