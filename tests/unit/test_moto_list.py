"""The list of moto's tests that do not pass, and the table of them in the documents."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
GROUPS = tomllib.loads((ROOT / "tests/conformance/moto/not_passing.toml").read_text())["group"]


def test_every_test_is_listed_once_with_the_words_it_fails_with() -> None:
    tests = [test for group in GROUPS for test in group["tests"]]
    assert len(set(tests)) == len(tests)
    assert all(group["reason"] and all(group["words"]) for group in GROUPS)


def test_documents_name_every_reason_and_count() -> None:
    text = (ROOT / "docs/local-account-inside.md").read_text()
    for group in GROUPS:
        assert f"| {group['reason']} | {len(group['tests'])} |" in text
