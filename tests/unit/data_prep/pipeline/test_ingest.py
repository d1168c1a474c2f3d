"""The values of interactions, read and checked."""

from pathlib import Path

import pytest

from data_prep.encoder import Encoder
from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import part
from tests.unit.data_prep.ratings import lines


def test_ids_stay_as_they_are_written(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    users = ["007", "7", "7.0", "NA", "null", " x", 'quo"te', "a,b", "caf\u00e9", "1e3"]
    lines = [
        f'"{user.replace(chr(34), chr(34) * 2)}",{item},{(item + place) % 2}'
        for place, user in enumerate(users)
        for item in range(8)
    ]
    prepared(table(["user_id,item_id,interaction", *lines]))
    assert sorted(Encoder.load(tmp_path / "out").user_ids) == sorted(users)


def test_a_regressor_keeps_the_ratings(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"{n % 9},{n % 7},{n % 5 / 2}" for n in range(60)]
    manifest = prepared(table(["user,item,rating", *lines]), predictor_type="regressor")
    assert manifest.positives is None
    assert set(part(tmp_path / "out", "train")[1].tolist()) == {0, 0.5, 1, 1.5, 2}


def test_times_in_two_units_are_refused(prepared: Prepare, table: Table) -> None:
    times = [0, *(1_700_000_000 + n for n in range(30)), 1_700_000_000_000]
    rows = [(n % 9, n % 7, n % 2, time) for n, time in enumerate(times)]
    with pytest.raises(InputError, match="another unit") as caught:
        prepared(table(lines("user,item,label,time", rows=rows)), block_bytes=100)
    assert (caught.value.line, caught.value.value) == (33, "1700000000000")


@pytest.mark.parametrize(("users", "items"), [(1, 9), (9, 1), (1, 1)])
def test_one_user_or_one_item_is_enough(
    prepared: Prepare, table: Table, users: int, items: int
) -> None:
    rows = [(n % users, n % items, n // 3 % 2) for n in range(60)]
    manifest = prepared(table(lines("user,item,label", rows=rows)))
    assert manifest.feature_dim == users + items + 2


@pytest.mark.parametrize("value", ["", "nan", "old"])
def test_a_number_that_is_none_is_refused(prepared: Prepare, table: Table, value: str) -> None:
    lines = [f"u{n % 5},i{n % 4},{n % 2},{value if n == 50 else n}" for n in range(60)]
    with pytest.raises(InputError) as caught:
        prepared(
            table(["user_id,item_id,label,x", *lines]),
            columns={"label": "label", "context_features": [{"name": "x", "kind": "numeric"}]},
        )
    assert (caught.value.line, caught.value.column, caught.value.value) == (52, "x", value)
