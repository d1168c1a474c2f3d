"""Writes everyone's recommendations in shards: JSON Lines for programs, Parquet for queries."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fm.model import Model
from fm.top_n import ItemBlock
from tasks.recommending.question import Recommendation, titled
from tasks.run.catalogue import Catalogue

SCHEMA = pa.schema(
    [("user", pa.string()), ("rank", pa.int32()), ("item", pa.string()), ("score", pa.float32())]
)
TITLE = pa.field("title", pa.string())  # null where an item has none
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


def write(
    batches: Iterator[Recommended], folder: Path, titles: Mapping[str, str]
) -> Iterator[list[Path]]:
    """Write the batches and yield each shard's files, `json/` and `parquet/` below `folder`.

    A shard is complete when it is yielded, and may be deleted then: no more than one is on disk.

    Args:
        batches: the lists.
        folder: where to write.
        titles: of the items that have one, by id; without any, the table has no column for them.
    """
    shard: list[Recommended] = []
    number = users = 0
    for batch in batches:
        shard.append(batch)
        users += len(batch.users)
        if users >= SHARD_USERS:
            yield _write_shard(shard, folder, number, titles)
            shard, number, users = [], number + 1, 0
    if shard:
        yield _write_shard(shard, folder, number, titles)


def _write_shard(
    shard: list[Recommended], folder: Path, number: int, titles: Mapping[str, str]
) -> list[Path]:
    lines = folder / "json" / f"part-{number:05d}.jsonl"
    table = folder / "parquet" / f"part-{number:05d}.parquet"
    for path in (lines, table):
        path.parent.mkdir(parents=True, exist_ok=True)
    schema = SCHEMA.append(TITLE) if titles else SCHEMA
    with lines.open("w", encoding="utf-8") as file, pq.ParquetWriter(table, schema) as parquet:
        for batch in shard:
            file.writelines(_lines(batch, titles))
            parquet.write_batch(_rows(batch, titles))
    return [lines, table]


def _lines(batch: Recommended, titles: Mapping[str, str]) -> Iterator[str]:
    for user, ranked in zip(batch.users, batch.lists, strict=True):
        items = [
            titled(Recommendation(item=item, score=round(score, 6)), titles)
            for item, score in ranked
        ]
        yield json.dumps({"user": user, "recommendations": items}, ensure_ascii=False) + "\n"


def _rows(batch: Recommended, titles: Mapping[str, str]) -> pa.RecordBatch:
    lengths = [len(ranked) for ranked in batch.lists]
    flat = [pair for ranked in batch.lists for pair in ranked]
    users = [user for user, n in zip(batch.users, lengths, strict=True) for _ in range(n)]
    ranks = [rank for n in lengths for rank in range(1, n + 1)]
    columns = [users, ranks, [item for item, _ in flat], [score for _, score in flat]]
    rows = pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )
    if titles:
        column = pa.array([titles.get(item) for item, _ in flat], TITLE.type)
        rows = rows.append_column(TITLE, column)
    return rows
