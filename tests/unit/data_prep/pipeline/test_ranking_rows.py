"""Which interactions become records for ranking, and what is known without becoming any."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from data_prep.encoder import Encoder
from data_prep.errors import InputError
from data_prep.held_out import HeldOut
from data_prep.pipeline.ranking_rows import choose_strangers
from data_prep.settings import Split
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.ranking import HEADER, SETTINGS, Interaction, interactions, records


def prepare(prepared: Prepare, table: Table, rows: list[Interaction], **settings: object) -> None:
    path = table([HEADER, *(row.line for row in rows)])
    prepared(path, **{**SETTINGS, **settings})


def test_dislikes_become_no_records_but_are_seen(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows, out = interactions(), tmp_path / "out"
    prepare(prepared, table, rows)
    encoder, held = Encoder.load(out), HeldOut.load(out)
    # The group of a user without a like to train on is not known.
    liked = {(user, row.item) for row in rows if row.rating >= 4 for user in (row.user, "?")}
    for part in ("train", "test"):
        positives = [(r.user, r.item) for r in records(out, part) if r.label == 1]
        assert positives
        assert set(positives) <= liked
    test = Counter(encoder.user_ids[user] for user in held.users.tolist())
    for user in encoder.user_ids:
        of_user = [row for row in rows if row.user == user]
        assert len(encoder.seen_items(user)) == len(of_user) - test[user]
        likes = {encoder.item_ids[item] for item in encoder.history(user)}
        assert likes <= {row.item for row in of_user if row.rating >= 4}


def test_all_held_out_interactions_are_told_with_their_labels(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows, out = interactions(), tmp_path / "out"
    prepare(prepared, table, rows)
    encoder, held = Encoder.load(out), HeldOut.load(out)
    ratings = {(row.user, row.item): row.rating for row in rows}
    assert len(held.users) == round(0.2 * len(rows))
    for user, item, label in zip(held.users, held.items, held.labels, strict=True):
        pair = encoder.user_ids[user], encoder.item_ids[item]
        assert label == (ratings[pair] >= 4)


def test_nobody_trains_on_strangers_and_all_is_known_of_them(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows, out = interactions(users=120), tmp_path / "out"
    prepare(prepared, table, rows)
    encoder, held = Encoder.load(out), HeldOut.load(out)
    strangers = {encoder.user_ids[user] for user in held.strangers}
    assert len(strangers) == 12
    trained_on = {record.user for record in records(out, "train")}
    liking = {user for user in encoder.user_ids if len(encoder.history(user))}
    assert trained_on == liking - strangers
    for stranger in strangers:
        assert len(encoder.seen_items(stranger)) >= len(encoder.history(stranger))
    assert strangers & liking
    assert set(held.strangers.tolist()) & set(held.users.tolist())


def test_strangers_can_be_refused(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    prepare(prepared, table, interactions(users=120), split={"strangers": 0})
    assert not len(HeldOut.load(tmp_path / "out").strangers)


def test_of_few_users_there_are_no_strangers_unless_asked_for() -> None:
    assert not choose_strangers(Split(), np.arange(99)).any()
    assert choose_strangers(Split(), np.arange(100)).sum() == 10
    assert choose_strangers(Split(strangers=0.5), np.arange(40)).sum() == 20


def test_strangers_do_not_depend_on_the_order_of_the_file() -> None:
    order = np.random.default_rng(0).permutation(200)
    first = choose_strangers(Split(), np.arange(200))
    assert np.array_equal(choose_strangers(Split(), order), first[order])


@pytest.mark.parametrize("most", [1, 3])
def test_of_very_active_users_the_most_recent_likes_are_trained_on(
    prepared: Prepare, table: Table, tmp_path: Path, most: int
) -> None:
    rows, out = interactions(), tmp_path / "out"
    prepare(prepared, table, rows, most_positives=most)
    encoder = Encoder.load(out)
    trained_on: dict[str, set[str]] = {}
    for record in records(out, "train"):
        if record.label == 1:
            trained_on.setdefault(record.user, set()).add(record.item)
    for user, items in trained_on.items():
        likes = [encoder.item_ids[item] for item in encoder.history(user)]
        assert items == set(likes[-most:])


def test_the_user_has_no_column(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    prepare(prepared, table, interactions())
    encoder = Encoder.load(tmp_path / "out")
    history, item, group = encoder.manifest.fields
    assert (history.role, history.kind, history.start) == ("user", "history", 0)
    assert history.size == len(encoder.item_ids) == item.start
    assert group.start == item.start + item.size
    assert not len(encoder.user_columns)


def test_without_an_item_that_a_user_does_not_like_there_is_nothing_to_rank(
    prepared: Prepare, table: Table
) -> None:
    rows = [Interaction(f"u{n % 10}", f"i{n // 10}", 5, n) for n in range(100)]
    with pytest.raises(InputError, match="no negative is left: bring more items"):
        prepare(prepared, table, rows)
