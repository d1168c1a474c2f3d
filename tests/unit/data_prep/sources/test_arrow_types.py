"""Values of any type, from any format."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import interactions
from tests.unit.data_prep.ratings import lines

TIMES = {
    "zones behind UTC": "2024-01-{:02}T10:00:00-05:00",
    "zones ahead of UTC": "2024-01-{:02}T10:00:00+0200",
    "seven digits of a second": "2024-01-{:02} 10:00:00.1234567",
    "days": "2024-01-{:02}",
    "milliseconds": "17040672{:02}000",
}


@pytest.mark.parametrize("written", TIMES)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_times_order_the_rows(
    prepared: Prepare, table: Table, tmp_path: Path, written: str, kind: str
) -> None:
    rows = [(f"u{n}", f"i{n % 3}", n % 2, TIMES[written].format(n + 1)) for n in range(20)]
    names = ["user", "item", "label", "time"]
    path = table(lines(",".join(names), rows=rows[::-1]))
    if kind == "parquet":
        pq.write_table(pa.table(list(zip(*rows[::-1], strict=True)), names=names), path)
    prepared(path, split={"strategy": "time"})
    assert {row[0] for row in interactions(tmp_path / "out", "train")} == {
        f"u{n}" for n in range(16)
    }


@pytest.mark.parametrize(
    ("column", "kind", "value"),
    [
        ("time", "csv", "2024-01-05T10:00:00"),
        ("time", "csv", "2024-02-30T10:00:00Z"),
        ("time", "parquet", "yesterday"),
        ("label", "parquet", 2**60),
        ("item", "parquet", b"\xff\xfe"),
    ],
)
def test_the_one_value_that_does_not_fit_is_named(
    prepared: Prepare, table: Table, column: str, kind: str, value: object
) -> None:
    row = {"user": 1, "item": b"2", "label": 1, "time": "2024-01-05T10:00:00Z"}
    rows = [{**row, column: value} if n == 17 else row for n in range(40)]
    path = table(lines("user,item,label,time", rows=[tuple(one.values()) for one in rows]))
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=10)
    with pytest.raises(InputError) as caught:
        prepared(path)
    error = caught.value
    assert (error.column, error.value) == (column, str(value))
    assert (error.line == 19) if kind == "csv" else ((error.row_group, error.row) == (1, 17))


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_a_member_that_is_null_leaves_the_others(
    prepared: Prepare, table: Table, tmp_path: Path, kind: str
) -> None:
    tags: list[list[str | None] | None] = [["a", None], None, ["b"]]
    rows = [
        {"user": f"u{n % 9}", "item": f"i{n % 3}", "label": n % 2, "tags": tags[n % 3]}
        for n in range(60)
    ]
    path = table([json.dumps(row) for row in rows], "rows")
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    prepared(
        path, columns={"user": "user", "item": "item", "label": "label", "item_features": ["tags"]}
    )
    known = pq.read_table(tmp_path / "out" / "vocabulary" / "feature2.parquet")
    assert sorted(known.column("value").to_pylist()) == ["a", "b"]
