"""JSON Lines give what CSV gives, and name what is wrong in them."""

import gzip
import json
from pathlib import Path

import pytest

from data_prep.errors import InputError
from tests.unit.data_prep import ratings
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.sources.tables import COLUMNS, ROWS, files, jsonl, refused


@pytest.mark.parametrize("compressed", [False, True])
def test_json_lines_give_the_bytes_of_csv(
    prepared: Prepare, table: Table, tmp_path: Path, reference: dict[str, str], compressed: bool
) -> None:
    raw = "\n".join(jsonl(ROWS)).encode()
    prepared(table(gzip.compress(raw) if compressed else raw, "r.jsonl"), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


@pytest.mark.parametrize(
    ("line", "problem", "column"),
    [
        ('{"user": 1, "item": "i", "label"', "not JSON", None),
        ("[1, 2]", "not an object", None),
        ('{"user": "u", "item": "i", "label": 1, "ts": 1, "tags": []}', "a string where", "user"),
        (
            '{"user": 1, "item": "i", "label": true, "ts": 1, "tags": []}',
            "a boolean where",
            "label",
        ),
        ('{"user": 1, "item": "i", "ts": 1, "tags": []}', "missing", "label"),
        ('{"user": 1, "label": 1, "ts": 1, "tags": []}', "empty", "item"),
        (
            '{"user": 1, "item": "i", "label": 1e999, "ts": 1, "tags": []}',
            "too big to be stored",
            None,
        ),
        (
            '{"user": 1, "user": 2, "item": "i", "label": 1, "ts": 1, "tags": []}',
            "specified twice",
            None,
        ),
        ('{"user": 1, "item": "i", "label": 7, "ts": 1, "tags": []}', "0 or 1", "label"),
    ],
)
def test_a_bad_line_of_json_is_named(
    prepared: Prepare, table: Table, line: str, problem: str, column: str | None
) -> None:
    lines = jsonl(ROWS)
    lines[60] = line
    error = refused(prepared, table(lines, "r.jsonl"))
    assert problem in str(error)
    assert (error.line, error.column) == (61, column)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("user", 1.5),
        ("user", 10**25),
        ("user", {"$oid": "5f"}),
        ("label", "1"),
        ("label", [1]),
        ("time", "yesterday"),
    ],
)
@pytest.mark.parametrize("place", [0, 2500])
def test_the_first_bad_value_of_json_is_named(
    prepared: Prepare, table: Table, key: str, value: object, place: int
) -> None:
    record = {"user": 1, "item": "i", "label": 1, "time": "2024-01-05"}
    good = [json.dumps(record)] * 3000
    good[place] = json.dumps({**record, key: value})
    with pytest.raises(InputError) as caught:
        prepared(table(good, "r.jsonl"), block_bytes=1000)
    if place:
        assert (caught.value.line, caught.value.column) == (place + 1, key)
        assert caught.value.value == str(value)
    else:  # the first object shows the types, unless its value has none that can be read
        assert caught.value.line in (1, 2)
        assert caught.value.column == key


def test_fractions_in_json_are_numeric_features(prepared: Prepare, table: Table) -> None:
    rows = [{"user": n % 9, "item": n % 7, "label": n % 2, "price": n / 2} for n in range(60)]
    columns = {"user": "user", "item": "item", "label": "label", "item_features": ["price"]}
    manifest = prepared(table([json.dumps(row) for row in rows]), columns=columns)
    assert manifest.fields[2].kind == "numeric"


def test_nested_json_beside_the_columns_is_ignored(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows = [
        {"user": u, "item": i, "rating": r, "more": {"deep": [1, {"er": None}]}}
        for u, i, r, _ in ratings.ROWS
    ]
    prepared(table([json.dumps(row) for row in rows]), **ratings.POSITIVE)
    assert ratings.both(tmp_path / "out") == ratings.EXPECTED
