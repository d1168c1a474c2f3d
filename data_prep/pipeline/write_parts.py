"""The divided interactions to RecordIO files: the training part shuffled, and cut into shards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_prep import recordio
from data_prep.pipeline import features, vocabulary
from data_prep.pipeline.fields import ITEM, USER, FieldPlan
from data_prep.pipeline.fit import Fitted
from data_prep.pipeline.labelled_blocks import Division
from data_prep.pipeline.spool import LABEL, MOST_BUCKETS, Codes, Rows, Spool
from data_prep.pipeline.vocabulary import SeenItems

TRAIN, TEST = "train", "test"
OpenPart = Callable[[str], BinaryIO]
_WRITE_ROWS = 1 << 16
SHUFFLE_ROWS = 1 << 20  # in a bucket, so that it stays in the cache while it is permuted
_STREAM = 2  # the random stream of the shuffle; the split and the negatives have others


def training_files(shards: int) -> tuple[str, ...]:
    """The names of the files of the training part; all begin with "train"."""
    if shards == 1:
        return (f"{TRAIN}.recordio",)
    return tuple(f"{TRAIN}-{shard:05}-of-{shards:05}.recordio" for shard in range(shards))


def test_file() -> str:
    """The name of the file of the test part."""
    return f"{TEST}.recordio"


def write_parts(
    open_part: OpenPart, out: Path, division: Division, fitted: Fitted, seed: int, shards: int
) -> None:
    """Write the RecordIO files, and the seen items into `vocabulary/` of `out`, which is there.

    The division's spool is gone afterwards.
    """
    seen = SeenItems(out / vocabulary.DIRECTORY, fitted.known[USER].counts)
    buckets = _Buckets(division.spool, fitted.rows.train, seed)
    with open_part(test_file()) as file:
        for block in division.blocks():
            _encode(file, fitted, block.rows[block.test])
            buckets.deal(block.rows[~block.test])
            _note_seen(seen, fitted, block.rows[block.trained])
    seen.close()
    division.spool.remove()  # the disk that the output takes next
    shuffled = buckets.shuffled()
    rest = next(shuffled)
    total, written = fitted.rows.train, 0
    for shard, name in enumerate(training_files(shards), 1):
        end = total * shard // shards
        with open_part(name) as file:
            while written < end:
                rest = rest if len(rest) else next(shuffled)
                some, rest = rest[: end - written], rest[end - written :]
                _encode(file, fitted, some)
                written += len(some)


def write_vocabulary(
    out: Path, plans: tuple[FieldPlan, ...], codes: dict[str, Codes], fitted: Fitted
) -> None:
    """Write `vocabulary/`: the values of each field, and the features of each user and item."""
    directory = out / vocabulary.DIRECTORY
    directory.mkdir()
    for key, known in fitted.known.items():
        known.save(directory / f"{key}.parquet")
    for owner in (USER, ITEM):
        keys = [plan.key for plan in plans if plan.role == f"{owner}_feature"]
        if keys:
            ids = np.flatnonzero(
                fitted.known[owner].place_of_code < len(fitted.known[owner].values)
            )
            ids = ids[np.argsort(fitted.known[owner].place_of_code[ids])]
            table = {key: _profile(fitted.profiles[key][ids], codes.get(key)) for key in keys}
            pq.write_table(pa.table(table), directory / f"{owner}_features.parquet")


def _profile(values: NDArray[Any], codes: Codes | None) -> Any:
    return pa.array(values) if codes is None else pa.array(codes.values).take(pa.array(values))


def _encode(file: Any, fitted: Fitted, rows: Rows) -> None:
    for start in range(0, len(rows), _WRITE_ROWS):
        some = rows[start : start + _WRITE_ROWS]
        matrix = features.matrix(fitted.encoders, some, fitted.feature_dim)
        recordio.write(file, matrix, some[LABEL].astype(np.float32))


def _note_seen(seen: SeenItems, fitted: Fitted, rows: Rows) -> None:
    users = fitted.known[USER].place_of_code[rows[USER]]
    items = fitted.known[ITEM].place_of_code[rows[ITEM]]
    known = users < len(fitted.known[USER].values)
    seen.add(users[known], items[known])


class _Buckets:
    """A uniform shuffle of any number of rows: each goes to a random bucket, each is permuted."""

    def __init__(self, spool: Spool, rows: int, seed: int) -> None:
        self._deal = np.random.default_rng([seed, _STREAM, 0])
        self._order = np.random.default_rng([seed, _STREAM, 1])
        count = min(-(-rows // SHUFFLE_ROWS), MOST_BUCKETS)
        paths = [spool.path.with_name(f"bucket-{number}") for number in range(count)]
        self._buckets = [Spool(path, spool.dtype) for path in paths]

    def deal(self, rows: Rows) -> None:
        count = len(self._buckets)
        bucket = (self._deal.random(len(rows)) * count).astype(np.uint16)
        dealt = rows[np.argsort(bucket, kind="stable")] if count > 1 else rows
        ends = np.cumsum(np.bincount(bucket, minlength=count)).tolist()
        for spool, start, end in zip(self._buckets, [0, *ends], ends, strict=False):
            spool.append(dealt[start:end])

    def shuffled(self) -> Iterator[Rows]:
        for bucket in self._buckets:
            rows = bucket.take()
            order = self._order.permutation(len(rows))
            for start in range(0, len(rows), _WRITE_ROWS):
                yield rows[order[start : start + _WRITE_ROWS]]
