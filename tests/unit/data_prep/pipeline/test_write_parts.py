"""The RecordIO files: shuffled, and cut into shards."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from data_prep import recordio
from data_prep.pipeline import write_parts
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import CSV, ROWS, interactions


def test_the_training_part_is_shuffled_and_the_test_part_is_not(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(CSV))
    place = {row[:2]: number for number, row in enumerate(ROWS)}
    train = [place[row[:2]] for row in interactions(tmp_path / "out", "train")]
    test = [place[row[:2]] for row in interactions(tmp_path / "out", "test")]
    assert test == sorted(test)
    assert abs(np.corrcoef(train, np.arange(len(train)))[0, 1]) < 0.3


def test_shuffling_in_buckets_keeps_every_row(
    prepared: Prepare, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(table(CSV))
    whole = Counter(interactions(tmp_path / "out", "train"))
    monkeypatch.setattr(write_parts, "SHUFFLE_ROWS", 30)
    prepared(table(CSV), out="again")
    assert Counter(interactions(tmp_path / "again", "train")) == whole


def test_shards_are_the_training_part_cut_evenly(
    prepared: Prepare, planted: Path, tmp_path: Path
) -> None:
    prepared(planted, out="one")
    manifest = prepared(planted, shards=3, out="three")
    names = [f"train-{n:05}-of-00003.recordio" for n in range(3)]
    assert manifest.files.train == tuple(names)
    shards = [(tmp_path / "three" / name).read_bytes() for name in names]
    assert b"".join(shards) == (tmp_path / "one" / "train.recordio").read_bytes()
    rows = []
    for name in names:
        with (tmp_path / "three" / name).open("rb") as file:
            rows.append(recordio.read(file)[0].shape[0])
    assert rows == [1066, 1067, 1067]
