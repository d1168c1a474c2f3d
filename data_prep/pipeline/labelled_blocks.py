"""The interactions in blocks: which rows are for testing, sampled, and to be written as records."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from data_prep.arrays import Bools, Rows
from data_prep.pipeline.split import TestMasks
from data_prep.pipeline.spool import Spool

TEST, SAMPLED, WRITTEN = "test", "sampled", "written"  # columns of the spool of `FlaggedBlocks`


class Block(NamedTuple):
    """Some rows.

    Attributes:
        rows: (n,).
        test: (n,) whether a row is for testing.
        sampled: (n,) whether a row is a sampled negative, which never happened.
        written: (n,) whether a row becomes a record. All do, except that for purpose ranking
            dislikes do not, nor what strangers did before the test part.
    """

    rows: Rows
    test: Bools
    sampled: Bools
    written: Bools

    @property
    def known(self) -> Bools:
        """The rows that may be known when the model serves: they happened before the test part."""
        return ~(self.test | self.sampled)

    @property
    def learnt(self) -> Bools:
        """The known rows that training learns from."""
        return self.known & self.written


class LabelledBlocks(Protocol):
    """Rows of which it is known what each is for."""

    @property
    def spool(self) -> Spool:
        """Where the rows are."""
        ...

    def blocks(self) -> Iterator[Block]:
        """Read all rows; as often as needed."""
        ...


class SplitBlocks:
    """The rows of a spool, all written and none sampled, and the masks of those for testing."""

    def __init__(self, spool: Spool, test_masks: TestMasks) -> None:
        self.spool = spool
        self._test_masks = test_masks

    def blocks(self) -> Iterator[Block]:
        """Read all rows; as often as needed."""
        for rows, test in zip(self.spool.blocks(), self._test_masks(), strict=True):
            every = np.ones(len(rows), np.bool_)
            yield Block(rows, test, ~every, every)


class FlaggedBlocks:
    """The rows of a spool whose columns TEST, SAMPLED and WRITTEN say what each is for."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool

    def blocks(self) -> Iterator[Block]:
        """Read all rows; as often as needed."""
        for rows in self.spool.blocks():
            yield Block(rows, rows[TEST], rows[SAMPLED], rows[WRITTEN])
