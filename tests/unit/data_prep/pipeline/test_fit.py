"""What is learnt, and from which rows."""

from pathlib import Path

import numpy as np
import pytest

from data_prep.encoder import Encoder
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import CSV, digests, part
from tests.unit.data_prep.side_features import columns, features

# What may tell how the test part was; nothing else does.
DIFFERENT = {"manifest.json", "test.recordio", "train.recordio", "held_out.parquet"}


def test_what_only_the_test_part_has_leaves_no_trace_in_training(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    """Neither the ids nor the labels of the test part can be told from the training bytes."""
    header = "user_id,item_id,label,timestamp"
    train = [f"u{n % 9},i{n % 13},{n % 2},{n}" for n in range(80)]
    settings = {"split": {"strategy": "time"}}
    prepared(
        table([header, *train, *(f"a{n},b{n},{n % 2},{n + 99}" for n in range(20))]), **settings
    )
    prepared(
        table([header, *(f"c,d{n},{n % 3 % 2},{n + 99}" for n in range(20)), *train]),
        out="other",
        **settings,
    )
    one, other = digests(tmp_path / "out"), digests(tmp_path / "other")
    for name in one:
        same_expected = name not in DIFFERENT
        assert not same_expected or one[name] == other[name]
    features = [part(tmp_path / out, "train")[0].toarray() for out in ("out", "other")]
    assert features[0].shape == features[1].shape
    order = [np.lexsort(matrix.T) for matrix in features]
    assert np.array_equal(features[0][order[0]], features[1][order[1]])


def test_rare_ids_share_the_unknown_column(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [*CSV, *(f"rare{n},i{n % 10},{n % 2}" for n in range(30))]
    manifest = prepared(table(lines), min_count=2)
    encoder = Encoder.load(tmp_path / "out")
    assert not [user for user in encoder.user_ids if user.startswith("rare")]
    assert encoder.encode_users(["rare1"]).indices.tolist() == [manifest.field("user").unknown]
    unknown = part(tmp_path / "out", "train")[0][:, [manifest.field("user").unknown]].sum()
    assert unknown >= 20


def test_numbers_are_standardised_by_the_training_part(out: Path) -> None:
    train = features(out, "train")[:, columns(out, "age")].ravel()
    assert train.mean() == pytest.approx(0, abs=1e-6)
    assert train.std() == pytest.approx(1, abs=1e-6)
    ages = np.array([20 + n % 8 for n in range(80)])
    test = features(out, "test")[:, columns(out, "age")].ravel()
    assert test == pytest.approx(np.full(20, (900 - ages.mean()) / ages.std()), rel=1e-5)


def test_what_training_does_not_know_goes_to_the_last_column(out: Path) -> None:
    for name in ("job", "genres"):
        block = features(out, "test")[:, columns(out, name)]
        assert (block[:, -1] == 1).all()
        assert (features(out, "train")[:, columns(out, name)][:, -1] == 0).all()


def test_a_constant_number_becomes_zero(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n % 5},i{n % 4},{n % 2},7" for n in range(60)]
    prepared(
        table(["user_id,item_id,label,x", *lines]),
        columns={"label": "label", "context_features": [{"name": "x", "kind": "numeric"}]},
    )
    assert (features(tmp_path / "out", "train")[:, columns(tmp_path / "out", "x")] == 0).all()


@pytest.mark.parametrize("strategy", ["random", "time", "leave_last_out"])
def test_every_split_learns_from_its_training_part_alone(
    prepared: Prepare, table: Table, tmp_path: Path, strategy: str
) -> None:
    lines = [f"u{n % 8},i{n * n % 23},{n % 2},{n * n},t{n}" for n in range(120)]
    roles: dict[str, object] = {
        "item_features": [{"name": "tag", "kind": "multi_valued"}],
        "context_features": [{"name": "timestamp", "kind": "numeric"}],
    }
    header = "user_id,item_id,label,timestamp,tag"
    chosen: dict[str, object] = {"user": "user_id", "item": "item_id", "label": "label", **roles}
    if strategy != "random":
        header += ",time"
        lines = [f"{line},{n * n}" for n, line in enumerate(lines)]
        chosen["timestamp"] = "time"
    prepared(table([header, *lines]), columns=chosen, split={"strategy": strategy})
    train, test = (features(tmp_path / "out", part) for part in ("train", "test"))
    numbers = columns(tmp_path / "out", "timestamp")
    assert train[:, numbers].mean() == pytest.approx(0, abs=1e-6)
    assert train[:, numbers].std() == pytest.approx(1, abs=1e-6)
    tags = columns(tmp_path / "out", "tag")
    assert (train[:, tags].sum(axis=0)[:-1] == 1).all()  # each known tag is in one training row
    assert train[:, tags][:, -1].sum() == 0
    assert (test[:, tags][:, -1] == 1).all()  # none of the test part is known
    encoder = Encoder.load(tmp_path / "out")
    for name, counts in (("user_id", encoder.user_counts), ("item_id", encoder.item_counts)):
        known = train[:, columns(tmp_path / "out", name)].sum(axis=0)
        assert known.tolist() == [*counts, 0]
