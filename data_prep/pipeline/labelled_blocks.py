"""The interactions in blocks: which rows are for testing, and which are sampled negatives."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from data_prep.arrays import Bools, Rows
from data_prep.pipeline.split import TestMasks
from data_prep.pipeline.spool import Spool

TEST, SAMPLED = "test", "sampled"  # columns of the spool of `FlaggedBlocks`


class Block(NamedTuple):
    """Some rows.

    Attributes:
        rows: (n,).
        test: (n,) whether a row is for testing.
        sampled: (n,) whether a row is a sampled negative, which never happened.
    """

    rows: Rows
    test: Bools
    sampled: Bools

    @property
    def learnt(self) -> Bools:
        """The rows that training may learn from: they happened, and are not for testing."""
        return ~(self.test | self.sampled)


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
    """The rows of a spool, none of them sampled, and the masks of those for testing."""

    def __init__(self, spool: Spool, test_masks: TestMasks) -> None:
        self.spool = spool
        self._test_masks = test_masks

    def blocks(self) -> Iterator[Block]:
        """Read all rows; as often as needed."""
        for rows, test in zip(self.spool.blocks(), self._test_masks(), strict=True):
            yield Block(rows, test, np.zeros(len(rows), np.bool_))


class FlaggedBlocks:
    """The rows of a spool whose columns TEST and SAMPLED say what each is for."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool

    def blocks(self) -> Iterator[Block]:
        """Read all rows; as often as needed."""
        for rows in self.spool.blocks():
            yield Block(rows, rows[TEST], rows[SAMPLED])
