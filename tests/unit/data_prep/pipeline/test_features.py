"""Side features and contexts: how each kind is encoded, learnt and looked up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table

GENRES = ["drama", "comedy|drama", "", "horror|comedy|drama", "comedy|comedy|horror"]
HEADER = "user_id,item_id,label,timestamp,age,job,genres,price"
COLUMNS = {
    "label": "label",
    "timestamp": "timestamp",
    "user_features": [{"name": "age", "kind": "numeric"}, "job"],
    "item_features": [{"name": "genres", "kind": "multi_valued"}],
    "context_features": [
        {"name": "price", "kind": "numeric"},
        {"name": "timestamp", "kind": "hour_of_day"},
        {"name": "timestamp", "kind": "day_of_week"},
    ],
}
TIME = {"strategy": "time", "test_fraction": 0.2}


def rows() -> list[list[str]]:
    """100 interactions in order of time; the last 20 have their own age, job and genre."""
    made = []
    for n in range(100):
        user, item, late = n % 8, n % 5, n >= 80
        time = 1_700_000_000 + n * 5000
        age = "900" if late else str(20 + user)
        job = "astronaut" if late else f"job{user % 3}"
        genres = "western" if late else GENRES[item]
        label = str((n // 7) % 2)
        made.append([f"u{user}", f"i{item}", label, str(time), age, job, genres, str(n / 4)])
    return made


@pytest.fixture
def out(prepared: Prepare, table: Table, tmp_path: Path) -> Path:
    prepared(table([HEADER, *(",".join(row) for row in rows())]), columns=COLUMNS, split=TIME)
    return tmp_path / "out"


def features(out: Path, part: str) -> Any:
    with (out / f"{part}.recordio").open("rb") as file:
        return recordio.read(file)[0].toarray()


def columns(out: Path, name: str, kind: str | None = None) -> slice:
    fields = Encoder.load(out).manifest.fields
    field = next(f for f in fields if f.name == name and kind in (None, f.kind))
    return slice(field.start, field.start + field.size)


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


def test_numbers_are_standardised_by_the_training_part(out: Path) -> None:
    train = features(out, "train")[:, columns(out, "age")].ravel()
    assert train.mean() == pytest.approx(0, abs=1e-6)
    assert train.std() == pytest.approx(1, abs=1e-6)
    ages = np.array([20 + n % 8 for n in range(80)])
    test = features(out, "test")[:, columns(out, "age")].ravel()
    assert test == pytest.approx(np.full(20, (900 - ages.mean()) / ages.std()), rel=1e-5)


def test_members_of_a_multi_valued_field_share_a_weight_of_one(out: Path) -> None:
    block = features(out, "train")[:, columns(out, "genres")]
    sums = np.unique(block.sum(axis=1).round(6))
    assert sums.tolist() == [0, 1]  # an empty text has no member
    assert 1 / 3 in block.round(6).astype(float).ravel().tolist() or (
        np.isclose(block, 1 / 3).any() and np.isclose(block, 2 / 3).any()
    )


def test_what_training_does_not_know_goes_to_the_last_column(out: Path) -> None:
    for name in ("job", "genres"):
        block = features(out, "test")[:, columns(out, name)]
        assert (block[:, -1] == 1).all()
        assert (features(out, "train")[:, columns(out, name)][:, -1] == 0).all()


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


def test_the_encoder_gives_the_rows_of_training(out: Path) -> None:
    encoder = Encoder.load(out)
    some = rows()[72:80]
    contexts = {
        "price": [float(row[7]) for row in some],
        "timestamp": [float(row[3]) for row in some],
    }
    encoded = encoder.encode([row[0] for row in some], [row[1] for row in some], contexts).toarray()
    train = features(out, "train")
    for row in encoded:
        assert np.isclose(train, row, atol=1e-6).all(axis=1).sum() == 1


def test_the_parts_of_user_and_item_make_the_row(out: Path) -> None:
    encoder = Encoder.load(out)
    users, items = encoder.encode_users(encoder.user_ids), encoder.encode_items(encoder.item_ids)
    assert np.array_equal(users.indices[users.indptr[:-1]], encoder.user_columns)
    assert users[:, columns(out, "item_id")].nnz == 0
    assert items[:, columns(out, "genres")].nnz > 0


def test_an_unknown_user_has_no_features_and_the_mean_of_numbers(out: Path) -> None:
    row = Encoder.load(out).encode_users(["nobody"]).toarray()[0]
    assert row[columns(out, "user_id")][-1] == 1
    assert row[columns(out, "age")] == [0]
    assert row[columns(out, "job")][-1] == 1
    item = Encoder.load(out).encode_items(["nothing"]).toarray()[0]
    assert item[columns(out, "genres")].sum() == 0


def test_a_context_that_is_not_given_is_asked_for(out: Path) -> None:
    with pytest.raises(InputError, match="'price'"):
        Encoder.load(out).encode(["u1"], ["i1"])


def test_typed_headers_tell_the_kinds(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n % 5}\ti{n % 4}\t{n % 2}\t{20 + n % 5}\ta b" for n in range(60)]
    header = "user_id:token\titem_id:token\tlabel:float\tage:float\tclass:token_seq"
    manifest = prepared(
        table([header, *lines], "x.inter"),
        columns={"label": "label", "user_features": ["age"], "item_features": ["class"]},
    )
    assert [field.kind for field in manifest.fields[2:]] == ["numeric", "multi_valued"]
    assert manifest.fields[3].size == 3
    genres = features(tmp_path / "out", "train")[:, columns(tmp_path / "out", "class")]
    assert set(genres[:, :2].ravel().tolist()) == {0.5}


def test_a_constant_number_becomes_zero(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n % 5},i{n % 4},{n % 2},7" for n in range(60)]
    prepared(
        table(["user_id,item_id,label,x", *lines]),
        columns={"label": "label", "context_features": [{"name": "x", "kind": "numeric"}]},
    )
    assert (features(tmp_path / "out", "train")[:, columns(tmp_path / "out", "x")] == 0).all()


@pytest.mark.parametrize("value", ["", "nan", "old"])
def test_a_number_that_is_none_is_refused(prepared: Prepare, table: Table, value: str) -> None:
    lines = [f"u{n % 5},i{n % 4},{n % 2},{value if n == 50 else n}" for n in range(60)]
    with pytest.raises(InputError) as caught:
        prepared(
            table(["user_id,item_id,label,x", *lines]),
            columns={"label": "label", "context_features": [{"name": "x", "kind": "numeric"}]},
        )
    assert (caught.value.line, caught.value.column, caught.value.value) == (52, "x", value)


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
