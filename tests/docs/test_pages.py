"""Every command and example of the pages, typed in their order: `make test-docs`.

Each page gets a clean checkout, the files that the pages name, and a local account to which the
environment leads, as a person is signed in to AWS. What the README does in an account before a
page's first command has been done.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from local.account import LocalAccount
from tests.docs import stand_ins
from tests.docs.pages import PAGES, ROOT, Command, commands, examples, not_printed
from tests.docs.reader import Reader, check_out
from tests.docs.skipped import SKIPPED

# The README's way through an account.
PATH = ("bootstrap", "preflight", "deploy", "run", "recommend", "destroy")


def _each(what: Callable[[Path], Sequence[object]]) -> pytest.MarkDecorator:
    shown = [page for page in PAGES if what(page)]
    ids = [str(page.relative_to(ROOT)) for page in shown]
    return pytest.mark.parametrize("page", shown, ids=ids)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A person in a clean checkout, signed in to an account of their own."""
    check_out(tmp_path)
    stand_ins.write(tmp_path)
    with LocalAccount() as account:
        yield Reader(tmp_path, account.environment)


@_each(commands)
def test_every_command_does_what_the_page_shows(page: Path, reader: Reader) -> None:
    typed = [c for c in commands(page) if " ".join(c.words) not in SKIPPED]
    for command in [*_done_before(typed), *typed]:
        printed = reader.type(command)
        missing = not_printed(command.shown, printed)
        assert missing == [], f"{command.place} does not print these lines, but\n{printed}"
        for artifact in re.findall(r"from the live model, (s3://\S+)", printed):
            stand_ins.write_roll_back(reader.folder, artifact)


def _done_before(typed: Sequence[Command]) -> list[Command]:
    path = [command for command in commands(ROOT / "README.md") if command.target in PATH]
    first = next((command.target for command in typed if command.target in PATH), PATH[0])
    return [command for command in path if PATH.index(command.target) < PATH.index(first)]


@_each(examples)
def test_every_example_runs(page: Path, reader: Reader) -> None:
    tests = [example for example in examples(page) if "def test_" in example]
    script = [example for example in examples(page) if example not in tests]
    place = page.name
    reader.run(".venv/bin/python", "-c", "\n".join(script), place=place)
    for example in tests:
        (reader.folder / "test_example.py").write_text(example)
        pytest_ = (".venv/bin/python", "-m", "pytest", "-p", "local.pytest_plugin")
        reader.run(*pytest_, "test_example.py", place=place)
