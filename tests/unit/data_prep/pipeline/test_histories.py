"""Histories in the place of users: which items a row sees, and that it sees no others."""

import math
from collections import defaultdict
from pathlib import Path

import pytest

from data_prep.encoder import Encoder
from data_prep.held_out import HeldOut
from data_prep.pipeline import spool
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import digests
from tests.unit.data_prep.ranking import HEADER, SETTINGS, Interaction, interactions, records

Pair = tuple[str, str]


def prepare(prepared: Prepare, table: Table, rows: list[Interaction], **settings: object) -> None:
    path = table([HEADER, *(row.line for row in rows)])
    prepared(path, **{**SETTINGS, **settings})


def held_out(out: Path) -> set[Pair]:
    encoder, held = Encoder.load(out), HeldOut.load(out)
    users, items = [*encoder.user_ids, "?"], [*encoder.item_ids, "?"]
    return {(users[u], items[i]) for u, i in zip(held.users, held.items, strict=True)}


def training_likes(rows: list[Interaction], out: Path) -> dict[str, list[Interaction]]:
    """Return each user's likes outside the test part, oldest first; of equal times by the file."""
    test, likes = held_out(out), defaultdict(list)
    for row in sorted(rows, key=lambda row: row.time):
        if row.rating >= 4 and (row.user, row.item) not in test:
            likes[row.user].append(row)
    return likes


@pytest.mark.parametrize("bucket_rows", [40, 1 << 22])
def test_a_row_sees_the_most_recent_likes_without_its_own(
    prepared: Prepare,
    table: Table,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bucket_rows: int,
) -> None:
    monkeypatch.setattr(spool, "BUCKET_ROWS", bucket_rows)
    rows, out = interactions(), tmp_path / "out"
    prepare(prepared, table, rows)
    likes = training_likes(rows, out)
    positives = [record for record in records(out, "train") if record.label == 1]
    assert len(positives) == sum(map(len, likes.values()))
    for record in positives:
        others = [like.item for like in likes[record.user] if like.item != record.item]
        assert set(record.history) == set(others[-5:])


def test_a_negative_sees_what_its_positive_sees(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    """Else the length of the history would tell the label."""
    prepare(prepared, table, interactions())
    shown = defaultdict(list)
    for record in records(tmp_path / "out", "train"):
        shown[record.user, tuple(sorted(record.history))].append(record.label)
    for labels in shown.values():
        assert labels.count(0) == 2 * labels.count(1)


def test_items_of_a_history_share_the_weight(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepare(prepared, table, interactions())
    for record in records(tmp_path / "out", "train"):
        weight = 1 / math.sqrt(max(1, len(record.history)))
        assert all(one == pytest.approx(weight) for one in record.history.values())


def test_of_a_split_by_time_a_row_sees_only_what_came_before(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows, out = interactions(), tmp_path / "out"
    prepare(prepared, table, rows, split={"strategy": "time"})
    time_of = {(row.user, row.item): row.time for row in rows}
    likes = training_likes(rows, out)
    positives = [record for record in records(out, "train") if record.label == 1]
    assert positives
    for record in positives:
        now = time_of[record.user, record.item]
        before = [like.item for like in likes[record.user] if like.time < now]
        assert set(record.history) == set(before[-5:])


def test_what_happened_at_the_same_time_did_not_come_before(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    basket = [Interaction("u", f"i{n}", 5, 7) for n in range(4)]
    others = [Interaction(f"o{n}", f"i{n % 8}", 5, 10 + n) for n in range(40)]
    prepare(prepared, table, [*basket, *others], split={"strategy": "time"})
    shown = [r.history for r in records(tmp_path / "out", "train") if r.user == "u"]
    assert len(shown) == 4 * 3
    assert not any(shown)


def test_a_test_row_sees_all_that_training_knows_of_its_user(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows, out = interactions(), tmp_path / "out"
    prepare(prepared, table, rows)
    likes = training_likes(rows, out)
    for record in records(out, "test"):
        assert set(record.history) == {like.item for like in likes[record.user]} or (
            set(record.history) == {like.item for like in likes[record.user][-5:]}
        )


@pytest.mark.parametrize("strategy", ["random", "time", "leave_last_out"])
def test_a_permuted_test_part_changes_no_byte_of_training(
    prepared: Prepare, table: Table, tmp_path: Path, strategy: str
) -> None:
    rows = interactions(users=120)
    split = {"strategy": strategy, "seed": 3}
    prepare(prepared, table, rows, split=split)
    test = held_out(tmp_path / "out")
    places = [place for place, row in enumerate(rows) if (row.user, row.item) in test]
    permuted = list(rows)
    if strategy == "leave_last_out":  # the last of each user must stay so: other items are liked
        for place, other in zip(places, places[::-1], strict=True):
            permuted[place] = rows[place]._replace(rating=rows[other].rating)
    else:
        for place, other in zip(places, places[::-1], strict=True):
            permuted[place] = rows[other]
    assert permuted != rows
    prepare(prepared, table, permuted, split=split, out="other")
    one, other_digests = digests(tmp_path / "out"), digests(tmp_path / "other")
    told = {"manifest.json", "test.recordio", "held_out.parquet"}
    assert {name for name in one if one[name] != other_digests[name]} <= told
    assert one["held_out.parquet"] != other_digests["held_out.parquet"]


def test_a_changed_training_row_changes_the_training_bytes(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    """The check above can fail."""
    rows = interactions()
    prepare(prepared, table, rows)
    test = held_out(tmp_path / "out")
    place = next(
        n for n, row in enumerate(rows) if row.rating == 5 and (row.user, row.item) not in test
    )
    rows[place] = rows[place]._replace(rating=1)
    prepare(prepared, table, rows, out="other")
    name = "train.recordio"
    assert digests(tmp_path / "out")[name] != digests(tmp_path / "other")[name]


def test_shortened_histories_are_the_newest_items_of_the_whole(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows, out = interactions(), tmp_path / "out"
    prepare(prepared, table, rows, history={"most": 10, "shortened": 0.5})
    likes = training_likes(rows, out)
    lengths, positives = [], 0
    for record in (record for record in records(out, "train") if record.label == 1):
        others = [like.item for like in likes[record.user] if like.item != record.item][-10:]
        count = len(record.history)
        assert set(record.history) == set(others[len(others) - count :])
        if len(others) > 1:
            positives += 1
            lengths.append(count < len(others))
    assert 0.25 < sum(lengths) / positives < 0.55  # a random length may be the whole


def test_an_item_that_came_twice_counts_once_and_not_for_itself(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    again = [Interaction("u", f"i{n % 5}", 5, n) for n in range(20)]
    others = [Interaction(f"o{n}", f"i{n % 8}", 5, n) for n in range(60)]
    prepare(prepared, table, [*again, *others], split={"test_fraction": 0.05})
    encoder = Encoder.load(tmp_path / "out")
    history = [encoder.item_ids[item] for item in encoder.history("u")]
    assert sorted(history) == sorted(set(history))
    for record in records(tmp_path / "out", "train"):
        assert record.label == 0 or record.item not in record.history
