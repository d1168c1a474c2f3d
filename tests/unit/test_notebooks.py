"""What the committed notebooks are: without outputs, for one kernel, and in the lab's order."""

import ast
import json
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.unit import house

FOLDER = house.ROOT / "notebooks"
LAB, TOUR = FOLDER / "lab.ipynb", FOLDER / "tour.ipynb"
Cell: TypeAlias = dict[str, Any]  # a cell of nbformat 4

STEPS = [
    "Set up Studio",
    "Generate interactions",
    "Encode",
    "Sparse features",
    "RecordIO-protobuf",
    "Upload",
    "Train the built-in FM",
    "Deploy",
    "Predict",
    "Score and predicted label",
    "Clean up",
]
OF_THE_KIT = {"contract", "data_prep", "fm"}  # what the kernel has of the repository
DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # packages that are called otherwise when installed
VARIABLES = {
    "FACTORSTACK_NAME",
    "FACTORSTACK_BUCKET",
    "FACTORSTACK_TRAINING_INSTANCE",
    "FACTORSTACK_ENDPOINT_INSTANCE",
}
each_notebook = pytest.mark.parametrize("path", [LAB, TOUR], ids=lambda path: path.stem)


def _notebook(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text())
    return notebook


def _cells(path: Path, kind: str) -> list[Cell]:
    return [cell for cell in _notebook(path)["cells"] if cell["cell_type"] == kind]


def _text(cells: list[Cell]) -> str:
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def _code(path: Path) -> ast.Module:
    return ast.parse(_text(_cells(path, "code")))


def _modules(path: Path) -> set[str]:
    """Return every module that a notebook imports, and every name that it imports from one."""
    found = set()
    for node in ast.walk(_code(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_there_are_no_other_notebooks() -> None:
    assert sorted(FOLDER.glob("*.ipynb")) == [LAB, TOUR]


@each_notebook
def test_it_holds_no_output(path: Path) -> None:
    for cell in _cells(path, "code"):
        assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]


@each_notebook
def test_it_is_nbformat_4_5_with_the_kernel_of_the_kit(path: Path) -> None:
    notebook = _notebook(path)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    kernel = {"name": "factorstack", "display_name": "Factorstack", "language": "python"}
    assert notebook["metadata"] == {"kernelspec": kernel, "language_info": {"name": "python"}}


@each_notebook
def test_its_cells_have_ids_and_nothing_beside_their_source(path: Path) -> None:
    cells = _notebook(path)["cells"]
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"[a-z0-9-]{1,64}", one)] == []
    for cell in cells:
        of_code = {"outputs", "execution_count"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | of_code
        assert cell["metadata"] == {}
        assert "".join(cell["source"]).strip()


@each_notebook
def test_no_dollar_of_its_texts_begins_a_formula_by_accident(path: Path) -> None:
    for cell in _cells(path, "markdown"):
        text = re.sub(r"\\\$", "", "".join(cell["source"]))
        text = re.sub(r"\$\$[^$]+\$\$|\$[\w{}]+\$", "", text)
        assert "$" not in text, cell["id"]


@each_notebook
def test_what_it_imports_is_in_the_requirements_of_the_kernel_or_in_the_kit(path: Path) -> None:
    lines = (FOLDER / "requirements.in").read_text().splitlines()
    required = {line for line in lines if re.fullmatch(r"[\w-]+", line)}
    roots = {module.partition(".")[0] for module in _modules(path)} - sys.stdlib_module_names
    assert {DISTRIBUTIONS.get(root, root) for root in roots - OF_THE_KIT} <= required
    assert all(find_spec(root) for root in roots)


@each_notebook
def test_what_it_imports_of_the_kit_exists(path: Path) -> None:
    for name in _modules(path):
        if name.partition(".")[0] in OF_THE_KIT and "." in name:
            module, _, attribute = name.rpartition(".")
            if not hasattr(import_module(module), attribute):
                import_module(name)


@pytest.mark.parametrize(
    ("path", "read"),
    [(LAB, VARIABLES), (TOUR, {"FACTORSTACK_NAME", "FACTORSTACK_BUCKET"})],
    ids=["lab", "tour"],
)
def test_it_reads_the_variables_of_the_kernel_alone(path: Path, read: set[str]) -> None:
    code = _text(_cells(path, "code"))
    assert set(re.findall(r'os\.environ\["(\w+)"\]', code)) == read
    assert len(re.findall(r"\benviron\b|getenv", code)) == len(read)


def test_the_lab_has_its_eleven_steps_in_order() -> None:
    headings = re.findall(r"^## (.+)$", _text(_cells(LAB, "markdown")), re.MULTILINE)
    assert headings == [f"{number}. {step}" for number, step in enumerate(STEPS, 1)]


def test_each_step_of_the_lab_begins_with_a_paragraph_and_has_code() -> None:
    cells = _notebook(LAB)["cells"]
    begins = [at for at, cell in enumerate(cells) if cell["id"].startswith("step-")]
    for start, end in zip(begins, [*begins[1:], len(cells)], strict=True):
        heading, _, paragraph = "".join(cells[start]["source"]).partition("\n")
        assert heading.startswith("## ")
        assert len(paragraph.split()) >= 20
        assert "code" in {cell["cell_type"] for cell in cells[start:end]}


def test_the_lab_deletes_everything_that_it_creates() -> None:
    code = _text(_cells(LAB, "code"))
    created = re.findall(r"^ *(\w+) = \w+\.create\(", code, re.MULTILINE)
    assert len(created) == code.count(".create(") == 4
    assert re.findall(r"made\.append\((\w+)\)", code) == created
    assert "made[-1].delete()" in _text(_cells(LAB, "code")[-1:])
