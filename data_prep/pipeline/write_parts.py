"""The labelled interactions to RecordIO files: the training part shuffled, and cut into shards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np

from contract.s3_layout import part
from data_prep import recordio
from data_prep.arrays import Rows
from data_prep.held_out import HeldOutWriter
from data_prep.pipeline.features import encode_rows
from data_prep.pipeline.fit import Fitted
from data_prep.pipeline.labelled_blocks import Block, LabelledBlocks
from data_prep.pipeline.spool import ITEM, LABEL, MOST_BUCKETS, USER, Spool
from data_prep.pipeline.user_items import SEEN, UserItemsWriter

TRAIN, TEST = "train", "test"
OpenPart = Callable[[str], BinaryIO]
_WRITE_ROWS = 1 << 16
SHUFFLE_ROWS = 1 << 20  # in a bucket, so that it stays in the cache while it is permuted
_STREAM = 2  # the random stream of the shuffle; the split and the negatives have others


def training_files(shards: int) -> tuple[str, ...]:
    """Return the names of the files of the training part; all begin with "train"."""
    if shards == 1:
        return (part(TRAIN),)
    return tuple(part(f"{TRAIN}-{shard:05}-of-{shards:05}") for shard in range(shards))


def test_file() -> str:
    """Return the name of the file of the test part."""
    return part(TEST)


def write_parts(
    open_part: OpenPart,
    vocabulary_folder: Path,
    blocks: LabelledBlocks,
    fitted: Fitted,
    seed: int,
    shards: int,
) -> None:
    """Write the RecordIO files and, as it reads all rows anyway, seen and held-out items.

    Args:
        open_part: opens a RecordIO file for writing, by its name.
        vocabulary_folder: where the seen items go; it exists. The held-out ones go beside it.
        blocks: all rows; their spool is removed.
        fitted: how to encode them.
        seed: of the shuffle.
        shards: the files of the training part.
    """
    seen = UserItemsWriter.create(vocabulary_folder, SEEN, fitted.vocabularies[USER].counts)
    shuffle = _Shuffle.create(blocks.spool, fitted.rows.train, seed)
    with open_part(test_file()) as file, HeldOutWriter(vocabulary_folder.parent) as held_out:
        for block in blocks.blocks():
            _encode(file, fitted, block.rows[block.test & block.written])
            shuffle.add(block.rows[~block.test & block.written])
            _add_seen(seen, fitted, block)
            _add_held_out(held_out, fitted, block)
    seen.close()
    blocks.spool.remove()  # the disk that the output takes next
    _write_training(open_part, fitted, shuffle.rows(), shards)


def _write_training(
    open_part: OpenPart, fitted: Fitted, shuffled: Iterator[Rows], shards: int
) -> None:
    rest = next(shuffled)
    total, written = fitted.rows.train, 0
    for shard, name in enumerate(training_files(shards), 1):
        end = total * shard // shards
        with open_part(name) as file:
            while written < end:
                rest = rest if len(rest) else next(shuffled)
                rows, rest = rest[: end - written], rest[end - written :]
                _encode(file, fitted, rows)
                written += len(rows)


def _encode(file: BinaryIO, fitted: Fitted, rows: Rows) -> None:
    for start in range(0, len(rows), _WRITE_ROWS):
        some = rows[start : start + _WRITE_ROWS]
        features = encode_rows(fitted.encoders, some, fitted.feature_dim)
        recordio.write(file, features, some[LABEL].astype(np.float32))


def _add_seen(seen: UserItemsWriter, fitted: Fitted, block: Block) -> None:
    rows = block.rows[block.known]
    users = fitted.vocabularies[USER].index_of_code[rows[USER]]
    items = fitted.vocabularies[ITEM].index_of_code[rows[ITEM]]
    known = users < len(fitted.vocabularies[USER].values)
    seen.add(users[known], items[known])


def _add_held_out(held_out: HeldOutWriter, fitted: Fitted, block: Block) -> None:
    rows = block.rows[block.test & ~block.sampled]
    users, items = (fitted.vocabularies[key].indices(rows[key]) for key in (USER, ITEM))
    held_out.add(users, items, rows[LABEL])


class _Shuffle:
    """A uniform shuffle of any number of rows: each goes to a random bucket, each is permuted."""

    def __init__(self, buckets: list[Spool], seed: int) -> None:
        self._buckets = buckets
        self._bucket_stream = np.random.default_rng([seed, _STREAM, 0])
        self._order_stream = np.random.default_rng([seed, _STREAM, 1])

    @classmethod
    def create(cls, spool: Spool, rows: int, seed: int) -> Self:
        """Make the buckets for as many rows of a spool, in files beside its own."""
        count = min(-(-rows // SHUFFLE_ROWS), MOST_BUCKETS)
        paths = [spool.path.with_name(f"bucket-{number}") for number in range(count)]
        return cls([Spool.create(path, spool.dtype) for path in paths], seed)

    def add(self, rows: Rows) -> None:
        count = len(self._buckets)
        bucket = (self._bucket_stream.random(len(rows)) * count).astype(np.uint16)
        by_bucket = rows[np.argsort(bucket, kind="stable")] if count > 1 else rows
        ends = np.cumsum(np.bincount(bucket, minlength=count)).tolist()
        for spool, start, end in zip(self._buckets, [0, *ends], ends, strict=False):
            spool.append(by_bucket[start:end])

    def rows(self) -> Iterator[Rows]:
        """Read all rows in their new order, some at a time; the buckets are removed."""
        for bucket in self._buckets:
            rows = bucket.take()
            order = self._order_stream.permutation(len(rows))
            for start in range(0, len(rows), _WRITE_ROWS):
                yield rows[order[start : start + _WRITE_ROWS]]
