"""Users and items encoded as the training data was."""

import json
from pathlib import Path

import numpy as np
import pytest

from data_prep.__main__ import main
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import CSV, interactions, part
from tests.unit.data_prep.side_features import columns, features, rows


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


def test_a_context_that_is_missing_is_named(out: Path) -> None:
    with pytest.raises(InputError, match="'price'"):
        Encoder.load(out).encode(["u1"], ["i1"])


def test_the_encoder_encodes_as_the_training_data_was(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(CSV))
    encoder = Encoder.load(tmp_path / "out")
    rows = interactions(tmp_path / "out", "train")
    features = encoder.encode([row[0] for row in rows], [row[1] for row in rows])
    assert features.dtype == np.float32
    assert np.array_equal(features.toarray(), part(tmp_path / "out", "train")[0].toarray())
    assert encoder.encode(["who"], ["what"]).indices.tolist() == [20, 31]


def test_seen_items_are_those_of_training(prepared: Prepare, planted: Path, tmp_path: Path) -> None:
    prepared(planted)
    encoder = Encoder.load(tmp_path / "out")
    rows = interactions(tmp_path / "out", "train")
    for user in encoder.user_ids:
        seen = {encoder.item_ids[place] for place in encoder.seen_items(user)}
        assert seen == {row[1] for row in rows if row[0] == user}
    assert len(encoder.seen_items("nobody")) == 0


@pytest.mark.parametrize("name", ["manifest.json", "vocabulary/user.parquet"])
@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_damaged_preparation_is_named(tmp_path: Path, name: str, damage: str) -> None:
    main(["generate", "lab", "--out", str(tmp_path / "lab.csv")])
    main(["prepare", str(tmp_path / "lab.csv"), "--out", str(tmp_path / "out")])
    path = tmp_path / "out" / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError) as caught:
        Encoder.load(tmp_path / "out")
    assert caught.value.file == str(path)


def with_titles(prepared: Prepare, table: Table) -> None:
    titles = ["item_id,title", 'i0,"Zero, and ""more"""', "i1, ", "i9,N\u00e9uf", "x,Unknown"]
    prepared(table(CSV), item_files=[table(titles, "items.csv")])


def test_titles_are_those_of_known_items_that_have_one(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    with_titles(prepared, table)
    assert Encoder.load(tmp_path / "out").titles == {"i0": 'Zero, and "more"', "i9": "N\u00e9uf"}


def test_a_preparation_without_titles_has_none(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(CSV))
    assert Encoder.load(tmp_path / "out").titles == {}
    assert not (tmp_path / "out" / "vocabulary" / "titles.parquet").exists()


def test_titles_that_are_lost_are_named(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    with_titles(prepared, table)
    path = tmp_path / "out" / "vocabulary" / "titles.parquet"
    path.unlink()
    with pytest.raises(InputError) as caught:
        Encoder.load(tmp_path / "out")
    assert caught.value.file == str(path)


def test_a_preparation_from_before_there_were_tables_loads(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(CSV))
    path = tmp_path / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["tables"], manifest["fingerprints"]["items"], manifest["fingerprints"]["users"]
    path.write_text(json.dumps(manifest))
    assert Encoder.load(tmp_path / "out").titles == {}
