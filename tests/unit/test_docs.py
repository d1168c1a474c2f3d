"""What the documents say exists, and that they say what exists."""

import ast
import json
import re
from pathlib import Path

import pytest

from contract import names, states
from tasks.run import execution_input
from tests.docs import makefile, pages
from tests.unit import house

ROOT = house.ROOT
ARCHITECTURE = ROOT / "docs" / "architecture.md"
each_document = pytest.mark.parametrize(
    "document", pages.PAGES, ids=lambda path: str(path.relative_to(ROOT))
)


def _section(title: str) -> str:
    """Return the part of architecture.md below the heading `title`."""
    text = ARCHITECTURE.read_text()
    match = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert match is not None, title
    return match[1]


@each_document
def test_every_link_to_a_file_resolves(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", document.read_text()):
        if "://" not in link:
            assert (document.parent / link).exists(), link


@each_document
def test_every_link_to_a_section_resolves(document: Path) -> None:
    for path, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", document.read_text()):
        target = document.parent / path if path else document
        titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
        assert anchor in anchors, f"{path}#{anchor}"


@each_document
def test_every_name_of_the_repository_exists(document: Path) -> None:
    assert house.missing_names(document.read_text()) == set()


@each_document
def test_every_stack_exists(document: Path) -> None:
    named = set(re.findall(rf"`{names.DEPLOYMENT}-(\w+)`", document.read_text()))
    studio = {names.space_name(""), names.user_profile_name("")}
    assert named <= {*names.STACKS, *(name.removeprefix("-") for name in studio)}


@each_document
def test_every_import_of_an_example_resolves(document: Path) -> None:
    for block in re.findall(r"```python\n(.+?)```", document.read_text(), re.DOTALL):
        imports = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)]
        shown = "\n".join(f"{node.module}.{a.name}" for node in imports for a in node.names)
        assert house.missing_names(shown) == set()


@pytest.mark.parametrize(
    "gone",
    [
        "local/sagemaker/attic/",
        "stacks/attic.py",
        "lambda/tasks/run/attic.py",
        "tasks/attic.py",
        "data_prep.attic",
        "tasks.run.attic",
        "local.account.LocalAttic",
        "commands.attic",
        "attic.py",
        "Furnish" + "Attic",  # in two parts, so that this file is not where it is found
    ],
)
def test_a_name_that_is_gone_is_noticed(gone: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"The {gone.partition('.')[0]} part is in `{gone}`.")
    assert gone in house.missing_names(page.read_text())


@pytest.mark.parametrize(
    "name", ["local/sagemaker/core/", "tasks.run", "data_prep.prepare", "fm.model.Model", "app.py"]
)
def test_a_name_that_is_there_is_not_noticed(name: str) -> None:
    assert house.missing_names(f"See `{name}`.") == set()


@pytest.mark.parametrize("room", house.rooms())
def test_the_architecture_names_every_room(room: str) -> None:
    assert f"`{room}`" in ARCHITECTURE.read_text()


def test_the_architecture_names_every_stack() -> None:
    rows = re.findall(rf"^\| `{names.DEPLOYMENT}-(\w+)`", _section("The stacks"), re.MULTILINE)
    assert rows == list(names.STACKS)


def test_the_architecture_names_every_state_that_does_something() -> None:
    tasks = {*states.HANDLERS, states.TRAIN_MODEL, states.TRAIN_BY_TIME}
    assert tasks <= set(re.findall(r"\w+", _section("The states")))


def test_the_architecture_says_what_a_state_runs() -> None:
    section = _section("The states")
    for state, module in states.HANDLERS.items():
        assert re.search(rf"^\| `{state}` \| `tasks\.{module}` ", section, re.MULTILINE), state


def test_every_decision_is_in_the_index_and_numbered_once() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    index = (folder / "README.md").read_text()
    assert [int(page[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index) == pages


def test_the_documented_execution_input_is_accepted() -> None:
    text = (ROOT / "docs" / "execution-input.md").read_text()
    for block in re.findall(r"```json\n(.+?)```", text, re.DOTALL):
        document = json.loads(
            block.replace("<", "").replace(">", "").replace("the deployment's ", "")
        )
        execution_input.parse(document)


def test_every_key_of_the_execution_input_is_documented() -> None:
    text = (ROOT / "docs" / "execution-input.md").read_text()
    for key in execution_input.ExecutionInput.model_fields:
        assert f'"{key}"' in text


def test_help_lists_every_command_that_a_person_types() -> None:
    documented = set(
        re.findall(r"^([a-z0-9-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )
    assert documented == makefile.targets() - {"tools"}


def test_make_test_is_the_sum_of_the_documented_parts() -> None:
    (parts,) = re.findall(r"^test: (.+?) +##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"`make {parts}`" in (ROOT / "CONTRIBUTING.md").read_text()


def test_the_changelog_has_the_version_of_the_project() -> None:
    (version,) = re.findall(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[{re.escape(version)}\]", changelog, re.MULTILINE)
