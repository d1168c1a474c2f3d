"""Interactions with the features of users and items in them, and the same in tables beside them."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

JsonRow = dict[str, Any]

USERS: list[JsonRow] = [
    {"user_id": f"u{n}", "age": 20 + n * n, "job": f"job{n % 3}"} for n in range(8)
]
ITEMS: list[JsonRow] = [
    {"item_id": f"i{n}", "genres": genres, "year": 1990.5 + n}
    for n, genres in enumerate(["drama", "comedy|drama", "", "horror|comedy", "drama|drama"])
]
ROWS: list[JsonRow] = [
    {
        "user_id": f"u{n % 8}",
        "item_id": f"i{n // 8 % 5}",
        "label": n // 7 % 2,
        "ts": 1_700_000_000 + n,
    }
    for n in range(120)
]
GENRES = {"name": "genres", "kind": "multi_valued"}
ITEM_FEATURES: list[object] = [GENRES, {"name": "year", "kind": "numeric"}]
USER_FEATURES: list[object] = [{"name": "age", "kind": "numeric"}, "job"]
ROLES = {"user": "user_id", "item": "item_id", "label": "label", "timestamp": "ts"}


def joined() -> list[JsonRow]:
    """The interactions with the columns of both tables."""
    users, items = {row["user_id"]: row for row in USERS}, {row["item_id"]: row for row in ITEMS}
    return [{**row, **users[row["user_id"]], **items[row["item_id"]]} for row in ROWS]


def write(path: Path, rows: list[JsonRow]) -> Path:
    """Write rows in the format of the file's suffix."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    text = io.StringIO()
    if ".jsonl" in path.suffixes:
        text.writelines(json.dumps(row) + "\n" for row in rows)
    else:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    raw = text.getvalue().encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path
