"""The whole preparation: what is read, how it is split, shuffled and encoded."""

import gzip
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.manifest import Manifest
from data_prep.pipeline import spool, write_parts
from data_prep.synthetic import lab
from tests.unit.data_prep.conftest import Prepare, Table

ROWS = [(str(user), f"i{item}", (user * item) % 2) for user in range(20) for item in range(10)]
CSV = ["user_id,item_id,interaction", *(f"{user},{item},{label}" for user, item, label in ROWS)]


def part(out: Path, name: str) -> tuple[Any, Any]:
    with (out / f"{name}.recordio").open("rb") as file:
        return recordio.read(file)


def interactions(out: Path, name: str) -> list[tuple[str, str, float]]:
    """The rows of a part in file order, decoded by the vocabulary."""
    encoder = Encoder.load(out)
    features, labels = part(out, name)
    users = [*encoder.user_ids, "?"]
    items = [*encoder.item_ids, "?"]
    pairs = features.indices.reshape(-1, 2) - [0, encoder.manifest.field("item").start]
    return [(users[u], items[i], y) for (u, i), y in zip(pairs, labels.tolist(), strict=True)]


def digests(out: Path) -> dict[str, str]:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def test_every_interaction_is_in_one_part_with_user_and_item(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    manifest = prepared(table(CSV))
    rows = interactions(tmp_path / "out", "train") + interactions(tmp_path / "out", "test")
    assert Counter(rows) == Counter(ROWS)
    features, labels = part(tmp_path / "out", "train")
    assert features.shape == (160, manifest.feature_dim)
    assert manifest.feature_dim == 21 + 11
    assert manifest.positives is not None
    assert manifest.positives.train == labels.sum()


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


def test_the_same_input_and_settings_give_the_same_bytes_at_any_chunk_size(
    prepared: Prepare, planted: Path, tmp_path: Path
) -> None:
    for out, block_bytes in (("a", 1 << 24), ("b", 1 << 24), ("c", 1000)):
        prepared(planted, out=out, block_bytes=block_bytes)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") == digests(tmp_path / "c")


def test_another_seed_gives_other_bytes(prepared: Prepare, planted: Path, tmp_path: Path) -> None:
    prepared(planted, out="a", split={"seed": 1})
    prepared(planted, out="b", split={"seed": 2})
    assert digests(tmp_path / "a")["train.recordio"] != digests(tmp_path / "b")["train.recordio"]


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5])
def test_a_random_split_has_exactly_the_asked_size(
    prepared: Prepare, planted: Path, fraction: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = prepared(planted, split={"test_fraction": fraction})
    assert manifest.rows.test == round(4000 * fraction)


def times(path: Path) -> dict[tuple[str, str], int]:
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    return {(user, item): int(time) for user, item, _, time in rows}


def test_a_split_by_time_tests_on_the_latest(
    prepared: Prepare, planted: Path, tmp_path: Path
) -> None:
    prepared(planted, split={"strategy": "time"})
    train = interactions(tmp_path / "out", "train")
    ordered = sorted(times(planted).items(), key=lambda pair: pair[1])
    assert {row[:2] for row in train} == {pair for pair, _ in ordered[:3200]}


def test_rows_of_the_same_time_stay_together(prepared: Prepare, table: Table) -> None:
    lines = [f"{n},{n % 7},{n % 2},{n // 10}" for n in range(100)]
    manifest = prepared(
        table(["user_id,item_id,label,timestamp", *lines]),
        split={"strategy": "time", "test_fraction": 0.25},
    )
    assert (manifest.rows.train, manifest.rows.test) == (80, 20)


def test_times_before_1970_come_first(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n},{n % 7},{n % 2},{n - 50}.5" for n in reversed(range(100))]
    prepared(table(["user_id,item_id,label,timestamp", *lines]), split={"strategy": "time"})
    users = {row[0] for row in interactions(tmp_path / "out", "train")}
    assert users == {f"u{n}" for n in range(80)}


def test_dates_are_times(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n},{n % 7},{n % 2},2024-{n % 12 + 1:02}-{n // 12 + 1:02}" for n in range(24)]
    prepared(
        table(["user_id,item_id,label,date", *lines]),
        split={"strategy": "time", "test_fraction": 0.5},
    )
    users = {row[0] for row in interactions(tmp_path / "out", "train")}
    assert users == {f"u{n}" for n in range(24) if n % 12 < 6}


def test_leave_last_out_tests_on_the_latest_of_each_user(
    prepared: Prepare, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "BLOCK_ROWS", 64)
    prepared(planted, split={"strategy": "leave_last_out"})
    when = times(planted)
    train = {row[:2] for row in interactions(tmp_path / "out", "train")}
    left = set(when) - train
    latest: dict[str, tuple[str, str]] = {}
    for pair in when:
        if pair[0] not in latest or when[pair] >= when[latest[pair[0]]]:
            latest[pair[0]] = pair
    assert left == set(latest.values())


def test_a_user_with_one_interaction_stays_in_training(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"{n % 5},{n},{n // 5 % 2},{n}" for n in range(48)]
    prepared(
        table(["user_id,item_id,label,timestamp", *lines, "once,1,1,99"]),
        split={"strategy": "leave_last_out"},
    )
    assert "once" in Encoder.load(tmp_path / "out").user_ids


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
        same_expected = name not in ("manifest.json", "test.recordio", "train.recordio")
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


def test_the_lab_data_prepares_with_nothing_said(prepared: Prepare, tmp_path: Path) -> None:
    lab(tmp_path / "lab.csv")
    manifest = prepared(tmp_path / "lab.csv")
    assert (manifest.rows.train, manifest.rows.test) == (800, 200)
    assert manifest.feature_dim == 101 + 51


LAYOUTS = {
    "u.data": (None, "\t"),
    "ratings.dat": (None, "::"),
    "ratings.csv": ("userId,movieId,rating,timestamp", ","),
    "ml.inter": ("user_id:token\titem_id:token\trating:float\ttimestamp:float", "\t"),
    "semicolons.csv": ("user;item;score;time", ";"),
    "bars.txt": ("User-ID|ASIN|Rating|Timestamp", "|"),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("compressed", [False, True])
def test_known_layouts_are_recognised(
    prepared: Prepare, table: Table, tmp_path: Path, name: str, compressed: bool
) -> None:
    header, separator = LAYOUTS[name]
    rows = [(str(n % 9), str(n % 7), str(n % 5 + 1), str(881250949 + n)) for n in range(90)]
    lines = [header] if header else []
    content = "\n".join([*lines, *(separator.join(row) for row in rows)]).encode()
    path = table(gzip.compress(content) if compressed else content, name)
    # Small blocks, so that a separator of two characters is cut somewhere.
    manifest = prepared(path, label={"positive_at_least": 4}, block_bytes=100)
    assert manifest.columns.timestamp is not None
    found = interactions(tmp_path / "out", "train") + interactions(tmp_path / "out", "test")
    assert Counter(found) == Counter((u, i, float(int(r) >= 4)) for u, i, r, _ in rows)


def test_ids_stay_as_they_are_written(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    users = ["007", "7", "7.0", "NA", "null", " x", 'quo"te', "a,b", "caf\u00e9", "1e3"]
    lines = [
        f'"{user.replace(chr(34), chr(34) * 2)}",{item},{(item + place) % 2}'
        for place, user in enumerate(users)
        for item in range(8)
    ]
    prepared(table(["user_id,item_id,interaction", *lines]))
    assert sorted(Encoder.load(tmp_path / "out").user_ids) == sorted(users)


def test_a_byte_order_mark_is_not_part_of_the_first_name(prepared: Prepare, table: Table) -> None:
    assert prepared(table(("\ufeff" + "\n".join(CSV)).encode())).columns.user == "user_id"


def test_several_files_are_one_input(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    files = [table([CSV[0], *CSV[1 + n :: 3]], f"part-{n}.csv") for n in range(3)]
    prepared(*files)
    rows = interactions(tmp_path / "out", "train") + interactions(tmp_path / "out", "test")
    assert Counter(rows) == Counter(ROWS)


def test_a_regressor_keeps_the_ratings(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"{n % 9},{n % 7},{n % 5 / 2}" for n in range(60)]
    manifest = prepared(table(["user,item,rating", *lines]), predictor_type="regressor")
    assert manifest.positives is None
    assert set(part(tmp_path / "out", "train")[1].tolist()) == {0, 0.5, 1, 1.5, 2}


def test_the_manifest_reads_back(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    manifest = prepared(table(CSV))
    assert Manifest.load(tmp_path / "out") == manifest
    assert str(tmp_path) not in (tmp_path / "out" / "manifest.json").read_text()


def test_the_encoder_encodes_as_the_training_data_was(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(CSV))
    encoder = Encoder.load(tmp_path / "out")
    rows = interactions(tmp_path / "out", "train")
    features = encoder.encode([row[0] for row in rows], [row[1] for row in rows])
    assert features.dtype == np.float32
    assert (features != part(tmp_path / "out", "train")[0]).nnz == 0
    assert encoder.encode(["who"], ["what"]).indices.tolist() == [20, 31]


def test_seen_items_are_those_of_training(prepared: Prepare, planted: Path, tmp_path: Path) -> None:
    prepared(planted)
    encoder = Encoder.load(tmp_path / "out")
    rows = interactions(tmp_path / "out", "train")
    for user in encoder.user_ids:
        seen = {encoder.item_ids[place] for place in encoder.seen_items(user)}
        assert seen == {row[1] for row in rows if row[0] == user}
    assert len(encoder.seen_items("nobody")) == 0


def test_progress_shows_the_columns(planted: Path, tmp_path: Path) -> None:
    from data_prep.preparation import prepare
    from data_prep.settings import PrepareSettings

    lines: list[str] = []
    prepare([planted], tmp_path / "out", PrepareSettings(), progress=lines.append)
    assert lines[0] == "Columns: user=user_id, item=item_id, label=interaction, timestamp=timestamp"


def test_the_fingerprint_of_settings_tells_those_apart_that_differ(
    prepared: Prepare, planted: Path
) -> None:
    same: list[dict[str, object]] = [{}, {"min_count": 1}, {"label": {}}, {"split": {"seed": 42}}]
    others: list[dict[str, object]] = [
        {"min_count": 2},
        {"columns": {}},
        {"columns": {"timestamp": None}},
    ]
    hashes = [
        prepared(planted, out=f"{n}", **one).fingerprints.settings
        for n, one in enumerate([*same, *others])
    ]
    assert len(set(hashes[: len(same)])) == 1
    assert len(set(hashes)) == 1 + len(others)
