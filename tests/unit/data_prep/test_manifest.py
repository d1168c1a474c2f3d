"""The manifest is written, read back, and refused."""

from pathlib import Path

import pytest

from data_prep.errors import InputError
from data_prep.manifest import Manifest
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import CSV


def test_the_manifest_reads_back(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    manifest = prepared(table(CSV))
    assert Manifest.load(tmp_path / "out") == manifest
    assert str(tmp_path) not in (tmp_path / "out" / "manifest.json").read_text()


def test_the_fingerprint_of_settings_tells_those_apart_that_differ(
    prepared: Prepare, planted: Path
) -> None:
    same: list[dict[str, object]] = [{}, {"min_count": 1}, {"label": {}}, {"split": {"seed": 42}}]
    others: list[dict[str, object]] = [
        {"min_count": 2},
        {"columns": {}},
        {"columns": {"timestamp": None}},
    ]
    hashes = [
        prepared(planted, out=f"{n}", **one).fingerprints.settings
        for n, one in enumerate([*same, *others])
    ]
    assert len(set(hashes[: len(same)])) == 1
    assert len(set(hashes)) == 1 + len(others)


def test_a_manifest_of_something_else_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"feature_dim": "many"}')
    with pytest.raises(InputError) as caught:
        Manifest.load(tmp_path)
    message = str(caught.value)
    assert "not a manifest of data_prep: feature_dim: Input should be a valid integer" in message
    assert "\n" not in message
    assert "errors.pydantic.dev" not in message
