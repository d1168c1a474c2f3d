"""What the documents say exists."""

import json
import re
from pathlib import Path

import pytest

from tasks.run import execution_input

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_command_exists(document: Path) -> None:
    named = set(re.findall(r"(?:`|\$ )make ([a-z][a-z0-9-]*)", document.read_text()))
    assert named <= _targets()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_resolves(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", document.read_text()):
        if "://" not in link:
            assert (document.parent / link).exists(), link


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
    assert documented == _targets() - {"tools"}
