"""Sampled negatives."""

from collections import Counter
from pathlib import Path

import pytest

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from data_prep.pipeline import spool
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import digests, interactions

POSITIVES = [f"u{n % 12},i{(n * n + n // 12) % 23}" for n in range(120)]


def both(out: Path) -> list[tuple[str, str, float]]:
    return interactions(out, "train") + interactions(out, "test")


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
    everything = {tuple(line.split(",")) for line in POSITIVES}
    training = {row[:2] for row in interactions(tmp_path / "out", "train") if row[2] == 1}
    for part, avoided in (("train", training), ("test", everything)):
        rows = interactions(tmp_path / "out", part)
        positives = Counter(user for user, _, label in rows if label == 1)
        negatives = Counter(user for user, _, label in rows if label == 0)
        assert negatives == {user: 3 * count for user, count in positives.items()}
        assert not {(user, item) for user, item, label in rows if label == 0} & avoided
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


def fans(out: Path, part: str, label: int) -> set[str]:
    """Return the items that user "fan" has with a label in a part."""
    return {row[1] for row in interactions(out, part) if row[0] == "fan" and row[2] == label}


def test_a_user_who_knows_nearly_everything_gets_what_is_left(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"fan,i{n}" for n in range(30)] + [f"u{n},i{n % 31}" for n in range(93)]
    prepared(table(["user_id,item_id", *lines]), negatives={"per_positive": 1})
    held_out = fans(tmp_path / "out", "test", 1)
    assert fans(tmp_path / "out", "test", 0) == {"i30"}
    assert {"i30"} <= fans(tmp_path / "out", "train", 0) <= {"i30"} | held_out


def test_a_user_who_knows_everything_has_no_negatives_but_what_training_cannot_know(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"fan,i{n}" for n in range(10)] + [f"u{n},i{n % 10}" for n in range(90)]
    prepared(table(["user_id,item_id", *lines]), negatives={"per_positive": 2})
    assert not fans(tmp_path / "out", "test", 0)
    assert fans(tmp_path / "out", "train", 0) == fans(tmp_path / "out", "test", 1)


def test_training_negatives_may_be_what_only_the_test_part_shows(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    """To leave them out, the sampler would have to know the test part, and metrics would rise."""
    prepared(table(["user_id,item_id", *POSITIVES]), negatives={"per_positive": 5})
    out = tmp_path / "out"
    held_out = {row[:2] for row in interactions(out, "test") if row[2] == 1}
    assert {row[:2] for row in interactions(out, "train") if row[2] == 0} & held_out


def test_an_exponent_lies_between_uniform_and_popularity(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"u{n},{'hit' if n % 2 else f'i{n % 40}'}" for n in range(600)]
    shares = []
    for exponent in (0, 0.5, 1):
        negatives = {"by": "popularity", "exponent": exponent, "per_positive": 8}
        prepared(table(["user_id,item_id", *lines]), negatives=negatives, out=str(exponent))
        rows = [row for row in interactions(tmp_path / str(exponent), "train") if row[2] == 0]
        shares.append(sum(item == "hit" for _, item, _ in rows) / len(rows))
    assert shares[0] < shares[1] - 0.02 < shares[2] - 0.04


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


def test_without_a_label_negatives_are_required(prepared: Prepare, table: Table) -> None:
    with pytest.raises(InputError, match="which column is the label"):
        prepared(table(["user_id,item_id", *POSITIVES]))


def test_the_same_seed_samples_the_same(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    path = table(["user_id,item_id", *POSITIVES])
    for out, seed, block_bytes in (("a", 1, 1 << 20), ("b", 1, 100), ("c", 2, 1 << 20)):
        prepared(path, negatives={}, split={"seed": seed}, out=out, block_bytes=block_bytes)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a")["train.recordio"] != digests(tmp_path / "c")["train.recordio"]
