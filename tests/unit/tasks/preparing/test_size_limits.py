"""Interactions that do not fit a function's time or disk are refused before any work."""

import gzip
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep.settings import PrepareSettings
from data_prep.sources.input_file import estimated_rows
from tasks.preparing import size_limits
from tasks.preparing.size_limits import refuse_too_large
from tasks.preparing.training_time import Training
from tasks.run.errors import InvalidInputError

ROWS = 300_000
GIB = 1 << 30


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of ROWS rows, larger than the part of it from which the rows are estimated."""
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    lines = (f"{n % 997},{n % 1009},{n % 2},{1_600_000_000 + n}\n" for n in range(ROWS))
    path.write_text("user_id,item_id,label,timestamp\n" + "".join(lines))
    return path


@pytest.mark.parametrize("kind", ["csv", "gzip", "parquet"])
def test_the_rows_are_estimated_before_they_are_read(
    table: Path, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "rows"
    if kind == "csv":
        path = table
    elif kind == "gzip":
        with table.open("rb") as source, gzip.open(path, "wb", 1) as target:
            shutil.copyfileobj(source, target)
    else:
        pq.write_table(pa.table({"user_id": range(ROWS)}), path)
    assert estimated_rows(path) == pytest.approx(ROWS, rel=0.03)


def test_what_cannot_be_read_is_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x1f\x8b damaged")
    assert estimated_rows(tmp_path / "x") == estimated_rows(tmp_path / "none") == 0


def test_what_fits_time_and_disk_is_not_refused(table: Path) -> None:
    refuse_too_large([table], PrepareSettings(), 900, GIB)


def test_a_ranking_that_fits_is_not_refused(table: Path) -> None:
    refuse_too_large([table], PrepareSettings(purpose="ranking"), 900, GIB)


@pytest.mark.parametrize("millions", [25, 40])
def test_a_ranking_of_many_rows_fits_by_its_size_plan(
    monkeypatch: pytest.MonkeyPatch, millions: int
) -> None:
    monkeypatch.setattr(size_limits, "estimated_rows", lambda _: millions * 1_000_000)
    refuse_too_large([Path("x.csv")], PrepareSettings(purpose="ranking"), 900, 10 * GIB)


def test_a_ranking_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size_limits, "estimated_rows", lambda _: 60_000_000)
    with pytest.raises(InvalidInputError, match="15 minutes"):
        refuse_too_large([Path("x.csv")], PrepareSettings(purpose="ranking"), 900, 10 * GIB)


@pytest.mark.parametrize(
    ("settings", "seconds", "disk", "message"),
    [
        ({}, 61, GIB, r"rows\.csv: .*too large.* about 30\d,\d+ rows, .*15 minutes.*data_prep"),
        ({}, 30, GIB, "enough for only 0"),
        ({}, 900, 10 << 20, r"disk is enough for only 218,453.*ephemeral_storage_mib"),
        ({"negatives": {"per_positive": 99}}, 180, 10 * GIB, "15 minutes"),
        ({"purpose": "ranking"}, 120, GIB, r"about 2,1\d\d,\d+ rows, .*15 minutes"),
        ({"purpose": "ranking"}, 900, 128 << 20, "disk is enough for only 1,8"),
        ({"purpose": "ranking", "negatives": {"per_positive": 99}}, 400, 10 * GIB, "15 minutes"),
        ({"purpose": "ranking", "history": {"most": 1000}}, 150, GIB, "15 minutes"),
        (
            {"columns": {"label": "label", "item_features": [f"f{n}" for n in range(20)]}},
            900,
            64 << 20,
            "disk is enough",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_alternatives(
    table: Path, settings: dict[str, object], seconds: float, disk: int, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        refuse_too_large([table], PrepareSettings.model_validate(settings), seconds, disk)


def test_interactions_whose_training_would_be_stopped_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(size_limits, "estimated_rows", lambda _: 27_000_000)
    settings = PrepareSettings()
    refuse_too_large([Path("x.csv")], settings, 900, 10 * GIB, Training(20, 64, 90))
    refused = (
        r"^x\.csv: training would not end in time: about 27,000,000 rows with 54,000,000 non-z"
    )
    with pytest.raises(InvalidInputError, match=refused):
        refuse_too_large([Path("x.csv")], settings, 900, 10 * GIB, Training(20, 64, 60))
