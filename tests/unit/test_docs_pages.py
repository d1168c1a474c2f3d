"""That a reader finds the page of a question, its answer first, and a picture that is true."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from contract import states
from stacks import settings
from stacks.endpoint_settings import SettingsModel
from tests.docs import pages
from tests.unit import house

ROOT = house.ROOT
README = (ROOT / "README.md").read_text()
QUESTIONS = sorted((ROOT / "docs").glob("*.md"))
PICTURE = ROOT / "docs" / "factorstack.svg"
SMALLEST_TEXT = 0.04  # of the width: 14 pixels on a phone of 360
each_question = pytest.mark.parametrize("page", QUESTIONS, ids=lambda path: str(path.name))


def opening(text: str) -> tuple[str, str]:
    """Return the question that a page begins with, and the answer behind it; "" without one."""
    match = re.match(r"# [^\n]+\n\n\*\*(.+?\?)\*\* (.+?)\n\n", text, re.DOTALL)
    return (" ".join(match[1].split()), match[2]) if match else ("", "")


@each_question
def test_a_page_begins_with_its_question_and_a_short_answer(page: Path) -> None:
    question, answer = opening(page.read_text())
    assert question
    assert len(answer.split()) <= 60


@each_question
def test_the_readme_leads_to_a_page_by_its_question(page: Path) -> None:
    (asked,) = re.findall(rf"^\| \[.+?\]\(docs/{page.name}\) \| (.+?) \|$", README, re.MULTILINE)
    question, _ = opening(page.read_text())
    assert asked.lower() == question.lower()


@pytest.mark.parametrize(
    "text", ["# Page\n\nFirst the answer.\n\n", "# Page\n\n**Why?**\n\n", "**Why?** So.\n\n"]
)
def test_a_page_without_question_and_answer_is_noticed(text: str) -> None:
    assert opening(text) == ("", "")


def _picture() -> ElementTree.Element:
    return ElementTree.fromstring(PICTURE.read_text())  # noqa: S314  our own file


def _texts(picture: ElementTree.Element, kind: str) -> list[str]:
    return [
        "".join(node.itertext()) for node in picture.iter(f"{{http://www.w3.org/2000/svg}}{kind}")
    ]


def test_the_picture_shows_the_states_in_their_order() -> None:
    shown = [
        text for text in _texts(_picture(), "text") if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", text)
    ]
    (demo,) = (c for c in pages.commands(ROOT / "README.md") if c.text.startswith("make demo"))
    printed = re.findall(r"^✔ (\w+) [\d.]+ s$", "\n".join(demo.shown), re.MULTILINE)
    assert shown == printed
    assert set(shown) <= {*states.HANDLERS, states.TRAIN_MODEL}


def test_the_picture_can_be_read_on_a_phone() -> None:
    text, picture = PICTURE.read_text(), _picture()
    sizes = re.findall(r"font-size(?:=\"|: )(\d+)", text)
    assert min(map(int, sizes)) >= SMALLEST_TEXT * int(picture.attrib["width"])
    assert max(len(line) for line in _texts(picture, "text")) <= 32


def test_the_picture_can_be_read_in_the_dark_and_by_a_screen_reader() -> None:
    text, picture = PICTURE.read_text(), _picture()
    assert "prefers-color-scheme: dark" in text
    assert all(_texts(picture, kind) for kind in ("title", "desc"))
    light, dark = text.split("prefers-color-scheme: dark", 1)
    for name in re.findall(r"class=\"(\w+)\"", text):
        if f".{name} {{ fill: #" in light:
            assert f".{name} {{ fill: #" in dark


def _keys(model: type[SettingsModel], prefix: str = "") -> list[str]:
    found: list[str] = []
    for name, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, SettingsModel):
            found += _keys(section, f"{name}.")
        else:
            found.append(prefix + name)
    return found


def test_every_setting_is_on_its_page() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    keys = _keys(settings.Settings)
    assert "training.instance_type" in keys
    short = [key.removeprefix("endpoint.") for key in keys]
    assert [key for key in short if f"`{key}`" not in text] == []
