"""The architecture page names the states that the state machine has."""

import re
from pathlib import Path

from tests.synth.conftest import Definition

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_the_page_names_every_state_and_no_other(definition: Definition) -> None:
    section = PAGE.read_text().partition("\n## The states\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`((?:[A-Z][a-z0-9]*)+)`", section))
    assert named == set(definition["States"])
