"""The interactions divided: block by block, which rows are for testing and which are sampled."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_prep.pipeline.fields import ITEM, USER, FieldPlan
from data_prep.pipeline.negatives import Sampler
from data_prep.pipeline.split import Splitter
from data_prep.pipeline.spool import LABEL, Rows, Spool, by_user
from data_prep.settings import Negatives

_TEST, _SAMPLED = "test", "sampled"
Mask = NDArray[np.bool_]


class Block(NamedTuple):
    """Rows (n,); test (n,): for testing; sampled (n,): negatives that never happened."""

    rows: Rows
    test: Mask
    sampled: Mask

    @property
    def trained(self) -> Mask:
        """The interactions that happened and are for training: what training may know."""
        return ~(self.test | self.sampled)


class Division:
    """A spool and its split; `blocks` may be asked for as often as needed."""

    def __init__(self, spool: Spool, splitter: Splitter) -> None:
        self.spool = spool
        self._splitter = splitter

    def blocks(self) -> Iterator[Block]:
        for rows, test in zip(self.spool.blocks(), self._splitter.masks(), strict=True):
            yield Block(rows, test, np.zeros(len(rows), np.bool_))


class WithNegatives(Division):
    """A division whose positives have sampled negatives after them, in the same part.

    A negative has its positive's user, time and features, but those of the sampled item: the ones
    that the item last had in training. Memory: about BUCKET_ROWS rows, negatives included.
    """

    def __init__(
        self,
        division: Division,
        path: Path,
        fields: tuple[FieldPlan, ...],
        items: int,
        settings: Negatives,
        seed: int,
    ) -> None:
        counts, features = _items(division, fields, items)
        sampler = Sampler(counts, settings, seed)
        flagged = _flagged(division, path.with_name("flagged"))
        division.spool.remove()
        self.spool = Spool(path, flagged.dtype)
        for rows in by_user(flagged, USER, 1 + settings.per_positive):
            positives, sampled = sampler.sample(rows[USER], rows[ITEM], rows[LABEL] == 1)
            negatives = rows[positives]
            negatives[LABEL], negatives[ITEM], negatives[_SAMPLED] = 0, sampled, True
            for key, values in features.items():
                negatives[key] = values[sampled]
            self.spool.append(rows)
            self.spool.append(negatives)
        self.spool.close()
        flagged.remove()

    def blocks(self) -> Iterator[Block]:
        for rows in self.spool.blocks():
            yield Block(rows, rows[_TEST], rows[_SAMPLED])


def _flagged(division: Division, path: Path) -> Spool:
    """The rows with columns that say which are for testing and which are sampled."""
    parts = [*division.spool.dtype.descr, (_TEST, "?"), (_SAMPLED, "?")]
    spool = Spool(path, np.dtype(parts))
    for rows, test, _ in division.blocks():
        flagged = np.zeros(len(rows), spool.dtype)
        for name in division.spool.dtype.names or ():
            flagged[name] = rows[name]
        flagged[_TEST] = test
        spool.append(flagged)
    spool.close()
    return spool


def _items(
    division: Division, fields: tuple[FieldPlan, ...], items: int
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.generic]]]:
    """The training rows of each item (items,), and by key its last features (items,) there."""
    counts = np.zeros(items, np.int64)
    keys = [field.key for field in fields if field.role == "item_feature"]
    features = {key: np.zeros(items, division.spool.dtype[key]) for key in keys}
    for block in division.blocks():
        rows = block.rows[block.trained]
        counts += np.bincount(rows[ITEM], minlength=items)
        for key, values in features.items():
            values[rows[ITEM]] = rows[key]
    return counts, features
