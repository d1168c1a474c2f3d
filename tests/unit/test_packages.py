"""docs/packages.md: every package that is asked for, where, and that it is used there."""

import json
import re
from pathlib import Path

import pytest

from tests.unit import house

ROOT = house.ROOT
PAGE = (ROOT / "docs" / "packages.md").read_text()
PLACES = {
    "product": "requirements.in",
    "tests": "requirements-dev.in",
    "functions": "lambda/requirements.in",
    "cleanup": "lambda/cleanup/requirements.in",
    "notebooks": "notebooks/requirements.in",
    "apps": "local/studio/requirements.in",
}
ROWS = {
    cells[0].split(" ")[0]: cells
    for line in re.findall(r"^\| (.+) \|$", PAGE.partition("| package |")[2], re.MULTILINE)
    if len(cells := line.split(" | ")) == 4
}


def _asked_for(file: str) -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {re.split(r"[<>=; \[]", line)[0] for line in lines if line and line[0] not in "#-"}


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _mentions(path: Path, name: str) -> bool:
    files = [file for file in house.files() if file == path or path in file.parents]
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(word.search(file.read_text(errors="replace")) for file in files)


def test_the_page_lists_the_places_and_no_others() -> None:
    listed = re.findall(r"^\| (\w+) \| `([\w./-]+\.in)`", PAGE, re.MULTILINE)
    assert dict(listed) == PLACES


def test_every_package_that_is_asked_for_has_a_row_with_its_places() -> None:
    asked: dict[str, list[str]] = {}
    for place, file in PLACES.items():
        for package in _asked_for(file):
            asked.setdefault(package, []).append(place)
    assert {package: cells[3].split(", ") for package, cells in ROWS.items()} == asked


def test_the_rows_are_sorted() -> None:
    assert list(ROWS) == sorted(ROWS, key=str.lower)


@pytest.mark.parametrize("package", ROWS)
def test_a_package_is_used_where_the_page_says(package: str) -> None:
    imported, where = [*_names(ROWS[package][0]), package][0], _names(ROWS[package][2])
    assert where
    for place in where:
        path = ROOT / place
        assert place in ROWS or _mentions(path, imported), f"{place} does not mention {imported}"


def test_a_package_that_is_not_used_where_the_page_says_is_noticed() -> None:
    assert not _mentions(ROOT / "fm", "pandas")


def test_every_package_of_npm_is_explained() -> None:
    packages = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert [package for package in packages if f"`{package}`" not in PAGE] == []


def test_what_only_the_notebooks_use_slows_no_command() -> None:
    slow = re.compile(r"^\s*(?:import|from) (?:matplotlib|pandas|sagemaker)\b", re.MULTILINE)
    assert [path for path in house.modules() if slow.search(path.read_text())] == []
