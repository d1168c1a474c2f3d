"""Rows of the same user and item."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from data_prep import recordio
from data_prep.pipeline import spool
from tests.unit.data_prep.conftest import Prepare, Table

REGRESSOR = {"predictor_type": "regressor"}

DOUBLE = ["u1,i1,1,30", "u1,i1,2,10", "u1,i1,4,20", "u2,i1,5,1", "u2,i2,7,1", "u2,i2,8,1"]


@pytest.mark.parametrize(
    ("duplicates", "u1", "u2"),
    [("keep", [1, 2, 4], [7, 8]), ("last", [1], [8]), ("sum", [7], [15])],
)
@pytest.mark.parametrize("bucket_rows", [2, 1000])
def test_duplicates_become_the_last_or_the_sum(
    prepared: Prepare,
    table: Table,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    duplicates: str,
    u1: list[float],
    u2: list[float],
    bucket_rows: int,
) -> None:
    monkeypatch.setattr(spool, "BUCKET_ROWS", bucket_rows)
    prepared(
        table(["user_id,item_id,rating,timestamp", *DOUBLE]),
        duplicates=duplicates,
        split={"test_fraction": 0.34},
        **REGRESSOR,
    )
    manifest_rows = both_labels(tmp_path / "out")
    assert sorted(manifest_rows) == sorted([*u1, 5, *u2])


def both_labels(out: Path) -> list[float]:
    labels: list[float] = []
    for part in ("train", "test"):
        with (out / f"{part}.recordio").open("rb") as file:
            found = recordio.read(file)[1]
            labels += [] if found is None else found.tolist()
    return labels


def test_a_sum_is_compared_with_the_threshold(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"u{n % 10},i{n % 7},0.1" for n in range(100)]
    prepared(
        table(["user_id,item_id,rating", *lines]),
        duplicates="sum",
        label={"positive_at_least": 0.2},
    )
    counts = Counter(tuple(line.split(",")[:2]) for line in lines)
    assert sorted(both_labels(tmp_path / "out")) == sorted(
        float(np.sum([0.1] * count) >= 0.2) for count in counts.values()
    )
