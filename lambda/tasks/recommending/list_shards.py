"""Writes everyone's recommendations in shards: JSON Lines for programs, Parquet for queries."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fm.model import Model
from fm.top_n import ItemBlock
from tasks.run.catalogue import Catalogue

SCHEMA = pa.schema(
    [("user", pa.string()), ("rank", pa.int32()), ("item", pa.string()), ("score", pa.float32())]
)
BATCH_USERS = 1024
SHARD_USERS = 50 * BATCH_USERS


@dataclass(frozen=True)
class Recommended:
    """The lists of a batch of users.

    Attributes:
        users: as the input names them.
        lists: one for each user, as (item, score), best first.
    """

    users: list[str]
    lists: list[list[tuple[str, float]]]


def everyone(model: Model, catalogue: Catalogue, top_n: int) -> Iterator[Recommended]:
    """Yield the best unseen items of all users, in batches of at most `BATCH_USERS`.

    Items are named as in the input, and those of the user's training rows are left out.
    """
    block = ItemBlock(model, catalogue.item_rows)
    ids = catalogue.encoder.item_ids
    for start in range(0, catalogue.users, BATCH_USERS):
        users = np.arange(start, min(start + BATCH_USERS, catalogue.users))
        seen = catalogue.seen(users)
        items, scores = block.top_n(catalogue.user_rows(users), top_n, exclude=seen)
        lists = [
            [(ids[item], score) for item, score in zip(row, ranked, strict=True) if item >= 0]
            for row, ranked in zip(items.tolist(), scores.tolist(), strict=True)
        ]
        yield Recommended([catalogue.encoder.user_ids[user] for user in users.tolist()], lists)


def write(batches: Iterator[Recommended], folder: Path) -> Iterator[list[Path]]:
    """Write the batches and yield each shard's files, `json/` and `parquet/` below `folder`.

    A shard is complete when it is yielded, and may be deleted then: no more than one is on disk.
    """
    shard: list[Recommended] = []
    number = users = 0
    for batch in batches:
        shard.append(batch)
        users += len(batch.users)
        if users >= SHARD_USERS:
            yield _write_shard(shard, folder, number)
            shard, number, users = [], number + 1, 0
    if shard:
        yield _write_shard(shard, folder, number)


def _write_shard(shard: list[Recommended], folder: Path, number: int) -> list[Path]:
    lines = folder / "json" / f"part-{number:05d}.jsonl"
    table = folder / "parquet" / f"part-{number:05d}.parquet"
    for path in (lines, table):
        path.parent.mkdir(parents=True, exist_ok=True)
    with lines.open("w", encoding="utf-8") as file, pq.ParquetWriter(table, SCHEMA) as parquet:
        for batch in shard:
            file.writelines(_lines(batch))
            parquet.write_batch(_rows(batch))
    return [lines, table]


def _lines(batch: Recommended) -> Iterator[str]:
    for user, ranked in zip(batch.users, batch.lists, strict=True):
        items = [{"item": item, "score": round(score, 6)} for item, score in ranked]
        yield json.dumps({"user": user, "recommendations": items}, ensure_ascii=False) + "\n"


def _rows(batch: Recommended) -> pa.RecordBatch:
    lengths = [len(ranked) for ranked in batch.lists]
    flat = [pair for ranked in batch.lists for pair in ranked]
    users = [user for user, n in zip(batch.users, lengths, strict=True) for _ in range(n)]
    ranks = [rank for n in lengths for rank in range(1, n + 1)]
    columns = [users, ranks, [item for item, _ in flat], [score for _, score in flat]]
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )
