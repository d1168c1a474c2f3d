"""The feature columns of each kind of field."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from data_prep.encoder import Encoder
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.side_features import COLUMNS, HEADER, TIME, columns, features, rows


def test_fields_follow_each_other_without_gaps(out: Path) -> None:
    manifest = Encoder.load(out).manifest
    ends = [field.start + field.size for field in manifest.fields]
    assert [field.start for field in manifest.fields] == [0, *ends[:-1]]
    assert ends[-1] == manifest.feature_dim
    assert features(out, "train").shape == (80, manifest.feature_dim)


def test_every_one_hot_field_has_one_entry_a_row(out: Path) -> None:
    for part in ("train", "test"):
        for name in ("user_id", "item_id", "job"):
            block = features(out, part)[:, columns(out, name)]
            assert (block.sum(axis=1) == 1).all()
            assert set(np.unique(block)) <= {0, 1}


def test_members_of_a_multi_valued_field_share_a_weight_of_one(out: Path) -> None:
    block = features(out, "train")[:, columns(out, "genres")]
    sums = np.unique(block.sum(axis=1).round(6))
    assert sums.tolist() == [0, 1]  # an empty text has no member
    assert 1 / 3 in block.round(6).astype(float).ravel().tolist() or (
        np.isclose(block, 1 / 3).any() and np.isclose(block, 2 / 3).any()
    )


def test_hour_and_day_are_those_of_the_timestamp(out: Path) -> None:
    times = [datetime.fromtimestamp(int(row[3]), UTC) for row in rows()[80:]]
    hours = features(out, "test")[:, columns(out, "timestamp", "hour_of_day")].argmax(axis=1)
    days = features(out, "test")[:, columns(out, "timestamp", "day_of_week")].argmax(axis=1)
    assert hours.tolist() == [time.hour for time in times]
    assert days.tolist() == [time.weekday() for time in times]


@pytest.mark.parametrize("scale", [1000, 1_000_000, 1_000_000_000])
def test_times_in_smaller_units_mean_the_same(
    prepared: Prepare, table: Table, tmp_path: Path, out: Path, scale: int
) -> None:
    scaled = [[*row[:3], str(int(row[3]) * scale), *row[4:]] for row in rows()]
    path = table([HEADER, *(",".join(row) for row in scaled)])
    prepared(path, columns=COLUMNS, split=TIME, out="scaled")
    assert np.array_equal(features(tmp_path / "scaled", "test"), features(out, "test"))
