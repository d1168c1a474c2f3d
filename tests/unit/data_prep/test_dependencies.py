"""The library imports what a Lambda layer holds, and nothing of AWS."""

import ast
import sys
from pathlib import Path

import data_prep

ALLOWED = {"contract", "data_prep", "numpy", "scipy", "pyarrow", "pydantic"}
MODULES = sorted(Path(data_prep.__file__).parent.rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)


def test_only_the_command_needs_more_than_the_layer_has() -> None:
    assert len(MODULES) > 20
    for path in MODULES:
        extra = {"rich"} if path.name == "__main__.py" else set()
        assert imported(path) <= ALLOWED | extra, path.name
