"""The rules of the house that no linter knows: rooms, layers, sizes, and what runs the checks."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.unit import house
from tests.unit.house import PACKAGES, ROOT

LONGEST_MODULE = 300
# Words that would mislead where two rooms had one each.
DISTINCT = ("catalogue", "fm", "layout", "records")


def test_a_package_is_called_as_no_other_is() -> None:
    folders = {path.parent for path in house.modules() if path.name == "__init__.py"}
    count = Counter(folder.name for folder in folders)
    assert [name for name, number in count.items() if number > 1] == []


@pytest.mark.parametrize("name", DISTINCT)
def test_a_word_that_could_mislead_names_one_room_or_module(name: str) -> None:
    named = {path for path in house.modules() if path.stem == name or path.parent.name == name}
    assert len({path.parent if path.parent.name == name else path for path in named}) <= 1


def test_every_folder_with_code_is_a_package_with_a_sentence() -> None:
    bare = {ROOT, ROOT / "lambda"}
    for folder in {path.parent for path in house.modules()} - bare:
        assert (folder / "__init__.py").read_text().startswith('"""'), folder


def test_a_module_can_be_read_at_one_sitting() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in house.modules()}
    too_long = {str(path): number for path, number in lines.items() if number > LONGEST_MODULE}
    assert too_long == {}


def test_the_unit_tests_mirror_the_source() -> None:
    unit = ROOT / "tests" / "unit"
    for folder in {path.parent for path in unit.rglob("*.py")} - {unit}:
        package, *rooms = folder.relative_to(unit).parts
        assert PACKAGES[package].joinpath(*rooms).is_dir(), folder


def test_the_layers_are_named_for_every_package() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    (roots,) = re.findall(r"^root_packages = \[(.+)\]", text, re.MULTILINE)
    assert set(re.findall(r'"(\w+)"', roots)) == set(PACKAGES) - {"tests"}


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("fm/model.py", "import local"),
        ("contract/names.py", "import fm"),
        ("data_prep/errors.py", "import boto3"),
        ("stacks/nag.py", "import data_prep"),
        ("lambda/tasks/run/errors.py", "import tasks.gate_model"),
        ("local/sagemaker/core/errors.py", "import local.sagemaker.service"),
    ],
)
def test_an_import_against_the_layers_is_refused(module: str, planted: str, tmp_path: Path) -> None:
    for package in PACKAGES.values():
        if package.name != "tests":
            shutil.copytree(
                package,
                tmp_path / package.relative_to(ROOT),
                ignore=lambda folder, names: [
                    name for name in names if not Path(folder, name).is_dir() and name[-3:] != ".py"
                ],
            )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a") as file:
        file.write(f"\n{planted}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{tmp_path / 'lambda'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    dotted = module.removeprefix("lambda/").removesuffix(".py").replace("/", ".")
    assert f"{dotted} -> {planted.removeprefix('import ')}" in done.stdout


def test_the_workflow_runs_make_test_with_pinned_actions_and_reads_only() -> None:
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    for action in re.findall(r"uses: (.+)", text):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", action), action
    assert "permissions:\n  contents: read\n" in text
    assert "run: make test" in text


def test_the_hooks_before_a_commit_run_the_locked_tools() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    entries = re.findall(r"entry: (.+)", text)
    assert len(entries) == len(re.findall(r"- id: ", text))
    for entry in entries:
        assert re.match(r"(env PYTHONPATH=\S+ )?\.venv/bin/(ruff|mypy|lint-imports)\b", entry)
