"""The preparation of the table as CSV."""

from pathlib import Path

import pytest

from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.sources.tables import COLUMNS, ROWS, csv, files


@pytest.fixture
def reference(prepared: Prepare, table: Table, tmp_path: Path) -> dict[str, str]:
    tags = {"name": "tags", "kind": "multi_valued", "separator": chr(31)}
    prepared(table(csv(ROWS), "r.csv"), out="ref", columns={**COLUMNS, "item_features": [tags]})
    return files(tmp_path / "ref")
