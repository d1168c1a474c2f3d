"""The encoder with histories: the rows of training, and of people who come later."""

from pathlib import Path

import numpy as np
import pytest

from data_prep.arrays import CsrRows
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import CSV, part
from tests.unit.data_prep.ranking import HEADER, SETTINGS, interactions, records


def equal(rows: CsrRows, others: CsrRows) -> bool:
    return np.array_equal(rows.toarray(), others.toarray())


@pytest.fixture
def encoder(prepared: Prepare, table: Table, tmp_path: Path) -> Encoder:
    prepared(table([HEADER, *(row.line for row in interactions())]), **SETTINGS)
    return Encoder.load(tmp_path / "out")


def test_it_encodes_a_row_as_training_did(encoder: Encoder, tmp_path: Path) -> None:
    features, _ = part(tmp_path / "out", "train")
    for number, record in enumerate(records(tmp_path / "out", "train")):
        (own,) = encoder.item_indices([record.item])
        history = encoder.history(record.user)
        if record.label == 1:
            row = encoder.encode([record.user], [record.item], None, [history[history != own]])
            assert equal(row, features[[number]])


def test_what_training_knows_stands_for_a_user_who_gives_nothing(encoder: Encoder) -> None:
    users = encoder.user_ids[:5]
    given = encoder.encode_users(users, [encoder.history(user) for user in users])
    assert equal(encoder.encode_users(users), given)


def test_of_a_long_history_the_newest_items_count(encoder: Encoder) -> None:
    history = np.arange(9)
    long = encoder.encode_users(["nobody"], [history])
    assert equal(long, encoder.encode_users(["nobody"], [history[-5:]]))
    assert not equal(long, encoder.encode_users(["nobody"], [history[:5]]))


def test_a_stranger_without_a_history_has_no_feature_of_items(encoder: Encoder) -> None:
    items = encoder.manifest.field("item").start
    assert encoder.encode_users(["nobody"]).indices.min() > items
    assert not len(encoder.history("nobody"))


def test_unknown_items_have_no_index(encoder: Encoder) -> None:
    first = encoder.item_ids[0]
    assert encoder.item_indices([first, "none", first]).tolist() == [0, -1, 0]


def test_a_history_for_each_user_is_needed(encoder: Encoder) -> None:
    with pytest.raises(InputError, match="2 users and 1 histories"):
        encoder.encode_users(encoder.user_ids[:2], [np.arange(3)])


def test_where_the_user_has_a_column_histories_are_refused(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(CSV))
    encoder = Encoder.load(tmp_path / "out")
    assert encoder.most_history is None
    with pytest.raises(InputError, match="purpose ranking"):
        encoder.encode_users(encoder.user_ids[:1], [np.arange(3)])
