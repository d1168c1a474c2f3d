"""What PrepareData tells `data_prep` and the training job."""

import gzip
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings
from data_prep.sources.input_file import estimated_rows
from data_prep.synthetic import lab
from tasks import prepare_data
from tasks.run import execution_input
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run


def test_without_a_source_the_interactions_are_the_labs(tmp_path: Path) -> None:
    (source,) = prepare_data.find_sources(execution_input.parse({}), tmp_path)
    lab(tmp_path / "expected.csv")
    with source.open("rb") as file:
        assert file.read() == (tmp_path / "expected.csv").read_bytes()


def test_everything_that_concerns_the_data_reaches_data_prep() -> None:
    wanted = execution_input.parse(
        {
            "source": {"uri": "s3://bucket/raw/x.csv", "separator": ";", "encoding": "latin-1"},
            "label": {"positive_at_least": 4},
            "split": {"strategy": "time", "test_fraction": 0.1},
            "min_count": 3,
            "duplicates": "last",
            "negatives": {"per_positive": 2},
        }
    )
    settings = prepare_data.prepare_settings(wanted)
    assert (settings.separator, settings.encoding) == (";", "latin-1")
    assert settings.label.positive_at_least == 4
    assert (settings.split.strategy, settings.min_count) == ("time", 3)
    assert settings.duplicates == "last"
    assert settings.negatives is not None
    assert settings.negatives.per_positive == 2


def test_keys_that_do_not_fit_each_other_are_refused() -> None:
    wanted = execution_input.parse(
        {"predictor_type": "regressor", "label": {"positive_at_least": 4}}
    )
    with pytest.raises(InvalidInputError, match="positive_at_least is for"):
        prepare_data.prepare_settings(wanted)


def test_the_training_job_is_told_the_width_of_the_data(tmp_path: Path) -> None:
    wanted = execution_input.parse({})
    sources = prepare_data.find_sources(wanted, tmp_path)
    manifest = prepare(sources, tmp_path / "data", prepare_data.prepare_settings(wanted))
    asked = prepare_data.training_request(wanted, Run("bucket", "run"), manifest, "fs")
    assert asked["hyperparameters"]["feature_dim"] == str(manifest.feature_dim)
    assert asked["train_uri"] == "s3://bucket/runs/run/data/train.recordio"
    assert asked["model_uri"] == "s3://bucket/runs/run/model/"


ROWS = 300_000
GIB = 1 << 30


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of ROWS rows, larger than the part of it that an estimate is told from."""
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
    prepare_data.refuse_too_large([table], PrepareSettings(), 900, GIB)


@pytest.mark.parametrize(
    ("settings", "seconds", "disk", "message"),
    [
        ({}, 61, GIB, r"rows\.csv: .*too large.* about 30\d,\d+ rows, .*15 minutes.*data_prep"),
        ({}, 30, GIB, "surely enough for 0"),
        ({}, 900, 10 << 20, r"disk is enough for 218,453.*ephemeral_storage_mib"),
        ({"negatives": {"per_positive": 99}}, 180, 10 * GIB, "15 minutes"),
        (
            {"columns": {"label": "label", "item_features": [f"f{n}" for n in range(20)]}},
            900,
            64 << 20,
            "disk is enough",
        ),
    ],
)
def test_what_does_not_is_refused_before_the_start_with_the_way_out(
    table: Path, settings: dict[str, object], seconds: float, disk: int, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        prepare_data.refuse_too_large(
            [table], PrepareSettings.model_validate(settings), seconds, disk
        )
