"""The deployment is the one that `cdk.json` names, or the default."""

import json
from pathlib import Path

import pytest

from commands import deployment


@pytest.mark.parametrize(
    ("context", "name"),
    [
        ({"factorstack": {"name": "mine"}}, "mine"),
        ({"factorstack": {}}, "factorstack"),
        ({}, "factorstack"),
    ],
)
def test_the_name_is_that_of_the_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: dict[str, object], name: str
) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"context": context}))
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    assert deployment.configured_name() == name
