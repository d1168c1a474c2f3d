"""The commands that the pages show: whether they exist, and whether a wrong one is noticed.

`make test-docs` executes them (tests/docs).
"""

from pathlib import Path

import pytest

from tests.docs import makefile, pages
from tests.docs.pages import Command
from tests.docs.reader import FOREGROUND, Reader
from tests.docs.skipped import SKIPPED

# What may be typed besides make.
PROGRAMS = {".venv/bin/python"}
each_page = pytest.mark.parametrize(
    "page", pages.PAGES, ids=lambda path: str(path.relative_to(pages.ROOT))
)


def wrong(command: Command) -> str:
    """Return what is wrong with a command; "" if nothing is."""
    if not command.target:
        program = command.words[0]
        return "" if program in PROGRAMS else f"{command.place}: {program} is not a known program"
    if command.target not in makefile.targets():
        return f"{command.place}: there is no target {command.target}"
    idle = [name for name in command.variables if not makefile.reads(command.target, name)]
    return f"{command.place}: {command.target} does not read {', '.join(idle)}" if idle else ""


@each_page
def test_every_command_exists_and_reads_what_it_is_given(page: Path) -> None:
    shown = [*pages.commands(page), *pages.inline_commands(page)]
    assert [wrong(command) for command in shown if wrong(command)] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("make demmo", "there is no target demmo"),
        ("make demo DATTA=clicks.csv", "demo does not read DATTA"),
        ("make recommend USER=42 DATA=clicks.csv", "recommend does not read DATA"),
        ("mkae demo", "mkae is not a known program"),
    ],
)
def test_a_wrong_command_is_noticed(text: str, problem: str) -> None:
    assert problem in wrong(Command("page.md:1", text))


@pytest.mark.parametrize("variable", ["COLUMNS", "USER", "LAB"])
def test_a_variable_of_the_environment_is_no_option(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = ("demo", "recommend")
    expected = [makefile.recipe(target) for target in targets]
    monkeypatch.setenv(variable, "80")
    assert [makefile.recipe.__wrapped__(target) for target in targets] == expected


def test_the_commands_of_a_page_come_with_place_and_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n```console\n$ make demo LAB=1   # noise\n✔ PrepareData 1.0 s\n```\n")
    (command,) = pages.commands(page)
    assert (command.place, command.words) == ("page.md:4", ["make", "demo", "LAB=1"])
    assert (command.target, command.variables) == ("demo", ["LAB"])
    assert command.shown == ("✔ PrepareData 1.0 s",)


def test_a_block_that_begins_with_output_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("```console\nmake demo\n```\n")
    with pytest.raises(ValueError, match=r"page\.md:2: a console block begins with"):
        pages.commands(page)


def test_output_is_compared_up_to_its_numbers_and_widths() -> None:
    printed = "a\n✔ check clicks.csv 0.3 s  8,000 rows\n┏━━━━━━━━┓\n┃ ndcg@10 ┃  0.3 ┃\n"
    shown = ["✔ check clicks.csv 0.1 s ...", "...", "┏━━┓", "┃ ndcg@10 ┃ 0.25 ┃"]
    assert pages.not_printed(shown, printed) == []
    assert pages.not_printed(["│ 1 │ 4 Last Palace 0.9 │"], "│ 1 │ 50 Ivory Tower 0.31 │") == []
    assert pages.not_printed([*shown, "✔ cdk deploy"], printed) == ["✔ cdk deploy"]
    assert pages.not_printed(["┃ auc ┃ 0.3 ┃", *shown], printed) == ["┃ auc ┃ 0.3 ┃"]


def test_a_command_that_fails_is_told_with_its_place_and_output(tmp_path: Path) -> None:
    reader = Reader(tmp_path, {"AWS_REGION": "eu-north-1"})
    assert reader.type(Command("page.md:1", "echo $AWS_REGION   # where")) == "eu-north-1\n"
    with pytest.raises(AssertionError, match=r"page\.md:2: bash -c echo no; false\nno"):
        reader.type(Command("page.md:2", "echo no; false"))


def test_a_command_that_ends_before_it_is_up_is_noticed(tmp_path: Path) -> None:
    command = Command("page.md:1", f"{FOREGROUND[0]} || true", ("export AWS_DEFAULT_REGION=...",))
    with pytest.raises(AssertionError, match=r"page\.md:1: it ended"):
        Reader(tmp_path, {}).type(command)


def test_every_command_that_is_not_executed_is_on_a_page() -> None:
    shown = {" ".join(c.words) for page in pages.PAGES for c in pages.commands(page)}
    assert set(SKIPPED) <= shown
