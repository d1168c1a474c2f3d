"""What the pages show to be typed: commands, what they print, and Python examples."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.unit import house

ROOT = house.ROOT
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "tests" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
_CONSOLE = re.compile(r"^```console\n(.+?)^```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.+?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"\d[\d.,]*")
_TITLE = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+")  # of a planted item
_FILL = re.compile(r"[━─═\s]+")


@dataclass(frozen=True)
class Command:
    """A line of a page that a reader types.

    Attributes:
        place: the page and the number of the line, as "README.md:17".
        text: what is typed, with the comment behind it.
        shown: the lines below it: what it prints, or an excerpt.
    """

    place: str
    text: str
    shown: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """The command's words, without the comment."""
        return shlex.split(self.text, comments=True)

    @property
    def target(self) -> str:
        """The make target, or "" of another command."""
        return self.words[1] if self.words[0] == "make" else ""

    @property
    def variables(self) -> list[str]:
        """The variables that are given to make."""
        return [word.partition("=")[0] for word in self.words[2:]] if self.target else []


def commands(page: Path) -> list[Command]:
    """Return the commands of the ```console blocks of a page, in their order.

    Raises:
        ValueError: a block begins with something else than a command.
    """
    text, name = page.read_text(), page.relative_to(ROOT).as_posix()
    found: list[Command] = []
    for block in _CONSOLE.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        if not block[1].startswith("$ "):
            raise ValueError(f"{name}:{first}: a console block begins with `$ ` and a command")
        for number, line in enumerate(block[1].splitlines(), start=first):
            if line.startswith("$ "):
                found.append(Command(f"{name}:{number}", line.removeprefix("$ ")))
            else:
                last = found.pop()
                found.append(Command(last.place, last.text, (*last.shown, line)))
    return found


def inline_commands(page: Path) -> list[Command]:
    """Return the make commands in the sentences and tables of a page."""
    name = page.relative_to(ROOT).as_posix()
    text = _CONSOLE.sub("", page.read_text())
    found = re.findall(r"`(make [a-z][a-z0-9-]*(?: [A-Z_]+=[^`]*)?)`", text)
    return [Command(name, command) for command in found]


def examples(page: Path) -> list[str]:
    """Return the Python examples of a page, in their order."""
    return _PYTHON.findall(page.read_text())


def not_printed(shown: Sequence[str], printed: str) -> list[str]:
    """Return the lines that are shown on a page and were not printed, in the page's order.

    Numbers and titles may be others, since training is not seeded; `...` stands for anything, and
    tables may have any width.
    """
    lines, missing = iter(printed.splitlines()), []
    for line in (line for line in shown if line.strip(". ")):
        pattern = _pattern(line)
        if not any(pattern.fullmatch(_FILL.sub(" ", one).strip()) for one in lines):
            missing.append(line)
            lines = iter(printed.splitlines())  # so that the lines after it are looked for
    return missing


def _pattern(line: str) -> re.Pattern[str]:
    text = re.escape(_FILL.sub(" ", line).strip()).replace(r"\.\.\.", ".*")
    text = _TITLE.sub("[A-Z][a-z]+ [A-Z][a-z]+", text.replace(r"\ ", " "))
    return re.compile(_NUMBER.sub(r"[\\d.,]+", text))
