"""What is done to interactions before they are encoded: duplicates, negatives, shards."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from data_prep.pipeline import spool
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.test_preparation import digests, interactions

REGRESSOR = {"predictor_type": "regressor"}


def both(out: Path) -> list[tuple[str, str, float]]:
    return interactions(out, "train") + interactions(out, "test")


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


POSITIVES = [f"u{n % 12},i{(n * n + n // 12) % 23}" for n in range(120)]


@pytest.mark.parametrize("by", ["uniform", "popularity"])
@pytest.mark.parametrize("bucket_rows", [40, 1 << 22])
def test_negatives_are_sampled_for_each_positive_and_never_known(
    prepared: Prepare,
    table: Table,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
    bucket_rows: int,
) -> None:
    monkeypatch.setattr(spool, "BUCKET_ROWS", bucket_rows)
    manifest = prepared(
        table(["user_id,item_id", *POSITIVES]), negatives={"per_positive": 3, "by": by}
    )
    known = {tuple(line.split(",")) for line in POSITIVES}
    for part in ("train", "test"):
        rows = interactions(tmp_path / "out", part)
        positives = Counter(user for user, _, label in rows if label == 1)
        negatives = Counter(user for user, _, label in rows if label == 0)
        assert negatives == {user: 3 * count for user, count in positives.items()}
        assert not {(user, item) for user, item, label in rows if label == 0} & known
    assert manifest.sampled.train == 3 * 96
    assert manifest.positives is not None
    assert manifest.positives.train == 96


def test_popular_items_are_sampled_more_often(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"u{n},{'hit' if n % 2 else f'i{n % 40}'}" for n in range(600)]
    shares = {}
    for by in ("uniform", "popularity"):
        prepared(table(["user_id,item_id", *lines]), negatives={"by": by}, out=by)
        rows = [row for row in interactions(tmp_path / by, "train") if row[2] == 0]
        shares[by] = sum(item == "hit" for _, item, _ in rows) / len(rows)
    assert shares["uniform"] < 0.1 < 0.2 < shares["popularity"]


def test_a_user_who_knows_nearly_everything_gets_what_is_left(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"fan,i{n}" for n in range(30)] + [f"u{n},i{n % 31}" for n in range(93)]
    prepared(table(["user_id,item_id", *lines]), negatives={"per_positive": 1})
    negatives = {row[1] for row in both(tmp_path / "out") if row[0] == "fan" and row[2] == 0}
    assert negatives == {"i30"}


def test_a_user_who_knows_everything_has_no_negatives(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"fan,i{n}" for n in range(10)] + [f"u{n},i{n % 10}" for n in range(90)]
    prepared(table(["user_id,item_id", *lines]), negatives={"per_positive": 2})
    assert all(row[2] == 1 for row in both(tmp_path / "out") if row[0] == "fan")


def test_negatives_are_not_learnt_from(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    prepared(table(["user_id,item_id", *POSITIVES]), negatives={"per_positive": 3})
    encoder = Encoder.load(tmp_path / "out")
    assert encoder.item_counts.sum() == encoder.user_counts.sum() == 96
    train = [row for row in interactions(tmp_path / "out", "train") if row[2] == 1]
    for user in encoder.user_ids:
        seen = {encoder.item_ids[place] for place in encoder.seen_items(user)}
        assert seen == {item for who, item, _ in train if who == user}


def test_a_negative_has_the_features_of_its_item(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"{line},g{int(line.split('i')[1]) % 4}" for line in POSITIVES]
    columns = {"item_features": ["genre"]}
    prepared(table(["user_id,item_id,genre", *lines]), columns=columns, negatives={})
    encoder = Encoder.load(tmp_path / "out")
    with (tmp_path / "out" / "train.recordio").open("rb") as file:
        features, _ = recordio.read(file)
    start, genre = encoder.manifest.field("item").start, encoder.manifest.fields[2]
    for row in features.indices.reshape(-1, 3):
        item = encoder.encode_items([encoder.item_ids[row[1] - start]])
        assert row[2] == item.indices[1]
        assert genre.start <= row[2] < genre.unknown


def test_without_a_label_negatives_must_be_asked_for(prepared: Prepare, table: Table) -> None:
    with pytest.raises(InputError, match="which column is the label"):
        prepared(table(["user_id,item_id", *POSITIVES]))


def test_the_same_seed_samples_the_same(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    path = table(["user_id,item_id", *POSITIVES])
    for out, seed, block_bytes in (("a", 1, 1 << 20), ("b", 1, 100), ("c", 2, 1 << 20)):
        prepared(path, negatives={}, split={"seed": seed}, out=out, block_bytes=block_bytes)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a")["train.recordio"] != digests(tmp_path / "c")["train.recordio"]


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
