"""The files of a run, as they come from S3."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from data_prep import recordio
from data_prep.manifest import Field
from tasks.run import run_files, s3_files
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run

FEATURES = sp.csr_array(np.eye(3, 4, dtype=np.float32))
RUN = Run("bucket", "run")


@pytest.fixture
def part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in the place of the run's part in S3."""
    path = tmp_path / "test.recordio"

    class Stored:
        def open(self) -> object:
            return path.open("rb")

        def __str__(self) -> str:
            return path.name

    monkeypatch.setattr(s3_files, "stored_files", lambda _uri: [Stored()])
    return path


def test_rows_come_with_their_labels(part: Path) -> None:
    with part.open("wb") as file:
        recordio.write(file, FEATURES, np.array([1, 0, 1], np.float32))
    rows = run_files.fetch_rows(RUN, "test")
    assert rows.features.shape == (3, 4)
    assert rows.labels.tolist() == [1, 0, 1]


def test_a_fields_columns_can_be_left_empty(part: Path) -> None:
    with part.open("wb") as file:
        recordio.write(file, FEATURES, np.array([1, 0, 1], np.float32))
    field = Field(name="user_id", key="user", role="user", kind="history", start=1, size=2)
    rows = run_files.fetch_rows(RUN, "test", leave_out=field)
    assert rows.features.toarray().tolist() == [[1, 0, 0, 0], [0] * 4, [0] * 4]


def test_rows_without_labels_are_refused_by_name(part: Path) -> None:
    with part.open("wb") as file:
        recordio.write(file, FEATURES)
    with pytest.raises(InvalidInputError, match=r"test\.recordio: .*no labels"):
        run_files.fetch_rows(RUN, "test")


def test_a_damaged_part_is_refused_by_name(part: Path) -> None:
    part.write_bytes(b"no RecordIO")
    with pytest.raises(InvalidInputError, match=r"test\.recordio: "):
        run_files.fetch_rows(RUN, "test")
