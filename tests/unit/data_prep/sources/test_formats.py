"""Parquet and JSON Lines give what CSV gives, and name what is wrong in them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.test_preparation import digests

ROWS = [
    {
        "user": n % 9,
        "item": f"i{n % 7}",
        "label": (n // 3) % 2,
        "ts": 1_600_000_000 + n,
        "tags": tags,
    }
    for n, tags in enumerate([["a"], ["a", "b"], []] * 40)
]
COLUMNS = {
    "user": "user",
    "item": "item",
    "label": "label",
    "timestamp": "ts",
    "item_features": ["tags"],
}


def csv(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"{r['user']},{r['item']},{r['label']},{r['ts']},{chr(31).join(r['tags'])}" for r in rows
    ]
    return ["user,item,label,ts,tags", *lines]


def parquet(path: Path, rows: list[dict[str, Any]], **columns: pa.Array) -> Path:
    table = pa.Table.from_pylist(rows)
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    pq.write_table(table, path, row_group_size=50)
    return path


def jsonl(rows: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(row) for row in rows]


@pytest.fixture
def reference(prepared: Prepare, table: Table, tmp_path: Path) -> dict[str, str]:
    tags = {"name": "tags", "kind": "multi_valued", "separator": chr(31)}
    prepared(table(csv(ROWS), "r.csv"), out="ref", columns={**COLUMNS, "item_features": [tags]})
    return files(tmp_path / "ref")


def files(out: Path) -> dict[str, str]:
    return {name: digest for name, digest in digests(out).items() if name != "manifest.json"}


def test_parquet_gives_the_bytes_of_csv(
    prepared: Prepare, tmp_path: Path, reference: dict[str, str]
) -> None:
    prepared(parquet(tmp_path / "r.parquet", ROWS), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


@pytest.mark.parametrize("compressed", [False, True])
def test_json_lines_give_the_bytes_of_csv(
    prepared: Prepare, table: Table, tmp_path: Path, reference: dict[str, str], compressed: bool
) -> None:
    raw = "\n".join(jsonl(ROWS)).encode()
    prepared(table(gzip.compress(raw) if compressed else raw, "r.jsonl"), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


def test_chunks_of_a_few_rows_give_the_same(
    prepared: Prepare, table: Table, tmp_path: Path, reference: dict[str, str]
) -> None:
    prepared(parquet(tmp_path / "r.parquet", ROWS), columns=COLUMNS, block_bytes=100, out="p")
    prepared(table(jsonl(ROWS), "r.jsonl"), columns=COLUMNS, block_bytes=300, out="j")
    assert files(tmp_path / "p") == files(tmp_path / "j") == reference


def test_a_directory_of_files_of_different_formats_is_one_input(
    prepared: Prepare, table: Table, tmp_path: Path, reference: dict[str, str]
) -> None:
    (tmp_path / "in").mkdir()
    parquet(tmp_path / "in" / "a.parquet", ROWS[:50])
    table(jsonl(ROWS[50:]), "in/b.jsonl")
    (tmp_path / "in" / "_SUCCESS").write_text("")
    prepared(tmp_path / "in", columns=COLUMNS)
    assert files(tmp_path / "out") == reference


@pytest.mark.parametrize("kind", [pa.int8(), pa.float32(), pa.bool_()])
def test_labels_of_other_types_are_taken(
    prepared: Prepare, tmp_path: Path, reference: dict[str, str], kind: pa.DataType
) -> None:
    labels = pa.array([row["label"] for row in ROWS]).cast(kind)
    prepared(parquet(tmp_path / "r.parquet", ROWS, label=labels), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_timestamps_of_any_unit_are_times(prepared: Prepare, tmp_path: Path, unit: str) -> None:
    times = pa.array([row["ts"] for row in ROWS]).cast(pa.timestamp("s")).cast(pa.timestamp(unit))
    for name, values in (("a", times), ("b", pa.array([row["ts"] for row in ROWS]))):
        prepared(
            parquet(tmp_path / f"{name}.parquet", ROWS, ts=values),
            columns=COLUMNS,
            split={"strategy": "time"},
            out=name,
        )
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_dictionary_encoded_ids_are_texts(
    prepared: Prepare, tmp_path: Path, reference: dict[str, str]
) -> None:
    items = pa.array([row["item"] for row in ROWS]).dictionary_encode()
    prepared(parquet(tmp_path / "r.parquet", ROWS, item=items), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


def refused(prepared: Prepare, path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        prepared(path, columns=COLUMNS)
    assert caught.value.file == str(path)
    return caught.value


def test_a_bad_value_in_parquet_is_named_by_row_group_and_row(
    prepared: Prepare, tmp_path: Path
) -> None:
    labels = pa.array([2.0 if n == 77 else float(n % 2) for n in range(120)])
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, label=labels))
    assert (error.row_group, error.row, error.column, error.value) == (1, 77, "label", "2.0")


def test_a_missing_value_in_parquet_is_refused(prepared: Prepare, tmp_path: Path) -> None:
    items = pa.array([None if n == 3 else "i" for n in range(120)])
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, item=items))
    assert (error.row, error.column, error.value) == (3, "item", "")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("user", pa.array([float(n) for n in range(120)])),
        ("label", pa.array(["yes"] * 120)),
        ("item", pa.array([{"a": 1}] * 120)),
    ],
)
def test_a_type_that_cannot_be_is_refused(
    prepared: Prepare, tmp_path: Path, column: str, values: pa.Array
) -> None:
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, **{column: values}))
    assert error.column == column


def test_a_text_in_parquet_that_is_not_utf_8_is_shown_as_far_as_it_is(
    prepared: Prepare, tmp_path: Path
) -> None:
    raw = [b"x\xff" if n == 55 else b"i" for n in range(120)]
    items = pa.array(raw).view(pa.string())
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, item=items))
    assert (error.row_group, error.row, error.column, error.value) == (1, 55, "item", "x\ufffd")


@pytest.mark.parametrize("keep", [0.3, 0.95])
def test_a_truncated_parquet_file_is_refused(
    prepared: Prepare, tmp_path: Path, keep: float
) -> None:
    path = parquet(tmp_path / "r.parquet", ROWS)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * keep)])
    assert "truncated" in str(refused(prepared, path))


def test_a_page_of_parquet_that_is_not_what_its_checksum_says_is_refused(
    prepared: Prepare, tmp_path: Path
) -> None:
    plain = {"compression": "none", "use_dictionary": False}
    path, table = tmp_path / "r.parquet", pa.Table.from_pylist(ROWS)
    pq.write_table(table, path, **plain, write_page_checksum=True)
    raw = bytearray(path.read_bytes())
    raw[200] ^= 1  # of an id
    path.write_bytes(bytes(raw))
    assert "row group 0 cannot be read" in str(refused(prepared, path))


def test_an_empty_parquet_file_is_refused(prepared: Prepare, tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS)[:0], tmp_path / "r.parquet")
    assert "no rows" in str(refused(prepared, tmp_path / "r.parquet"))


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
