"""The same table in every format."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare
from tests.unit.data_prep.preparations import digests

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


def files(out: Path) -> dict[str, str]:
    return {name: digest for name, digest in digests(out).items() if name != "manifest.json"}


def refused(prepared: Prepare, path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        prepared(path, columns=COLUMNS)
    assert caught.value.file == str(path)
    return caught.value
