"""The architecture page names the states that the state machine has."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def _states(templates: dict[str, Any]) -> set[str]:
    """Return the names of the states, read from the pieces of the definition's text."""
    (machine,) = [
        resource["Properties"]
        for resource in templates["pipeline"]["Resources"].values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
        and resource["Properties"].get("StateMachineName") == "mine"
    ]
    pieces = machine["DefinitionString"]["Fn::Join"][1]
    text = "".join(piece if isinstance(piece, str) else "_" for piece in pieces)
    return set(re.findall(r'"(?:Next|Default|StartAt)":"(\w+)"', text))


def test_the_page_names_every_state_and_no_other(templates: dict[str, Any]) -> None:
    section = PAGE.read_text().partition("\n## The states\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`((?:[A-Z][a-z0-9]*)+)`", section))
    assert named == _states(templates)
