"""Negatives: items that a user was not positive about, sampled for each positive interaction."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from data_prep.arrays import Bools, Float64s, Int32s, Int64s, Rows
from data_prep.pipeline.fields import InputField
from data_prep.pipeline.labelled_blocks import (
    SAMPLED,
    TEST,
    WRITTEN,
    FlaggedBlocks,
    LabelledBlocks,
)
from data_prep.pipeline.spool import ITEM, LABEL, USER, Spool, TextCodes, groups_of_users
from data_prep.settings import Negatives

_STREAM = 3  # the random stream; split and shuffle have others
_ROUNDS = 20  # of drawing again what the user knows; then the items left are listed instead


def add_negatives(
    flagged: Spool,
    path: Path,
    fields: Sequence[InputField],
    codes: Mapping[str, TextCodes],
    settings: Negatives,
    seed: int,
    complete: Callable[[Rows], None] | None = None,
) -> FlaggedBlocks:
    """Move rows to a new spool, with sampled negatives in the part of their positive.

    A negative has its positive's user, time and features, but those of the sampled item: the ones
    that the item last had in training. Memory: about BUCKET_ROWS rows, negatives included.

    Args:
        flagged: the rows, with the columns TEST, SAMPLED and WRITTEN; it is removed.
        path: the file of the new spool.
        fields: the fields of a row.
        codes: the texts of each coded field, by key.
        settings: how many negatives, and which.
        seed: of the random numbers.
        complete: fills in other columns of all rows of some users, before their negatives are made.
    """
    known = _known_items(FlaggedBlocks(flagged), fields, len(codes[ITEM]))
    # Each part has a stream of its own: what is drawn for testing changes no training row.
    samplers = [
        Sampler.from_counts(known.counts, codes[ITEM].ranks, settings, [seed, _STREAM, part])
        for part in (0, 1)
    ]
    spool = Spool.create(path, flagged.dtype)
    for rows in groups_of_users(flagged, 1 + settings.per_positive, codes[USER].ranks):
        if complete is not None:
            complete(rows)
        spool.append(rows)
        liked = rows[LABEL] == 1
        for sampler, part, avoided in (
            (samplers[0], ~rows[TEST], liked & ~rows[TEST]),
            (samplers[1], rows[TEST], np.ones(len(rows), np.bool_)),
        ):
            positive = np.flatnonzero(liked & rows[WRITTEN] & part)
            drawn, sampled = sampler.sample(rows[USER][positive], rows[avoided])
            negatives = rows[positive[drawn]]
            negatives[LABEL], negatives[ITEM], negatives[SAMPLED] = 0, sampled, True
            for key, values in known.features.items():
                negatives[key] = values[sampled]
            spool.append(negatives)
    spool.close()
    flagged.remove()
    return FlaggedBlocks(spool)


class Sampler:
    """Draws among items in proportion to weights."""

    def __init__(
        self, items: Int64s, weights: Float64s, per_positive: int, seed: Sequence[int]
    ) -> None:
        """Take what to draw from.

        Args:
            items: (k,) the items, by code.
            weights: (k,) their weights.
            per_positive: the negatives for each positive.
            seed: of the random numbers.
        """
        self._items = items
        self._weights = weights
        self._cumulative = np.cumsum(weights)
        self._per_positive = per_positive
        self._random = np.random.default_rng(seed)

    @classmethod
    def from_counts(
        cls, counts: Int64s, ranks: Int64s, settings: Negatives, seed: Sequence[int]
    ) -> Self:
        """Return a sampler of the items that training has.

        Args:
            counts: (items,) the training rows of each.
            ranks: (items,) the order in which they stand for the numbers drawn.
            settings: how many negatives, and which.
            seed: of the random numbers.
        """
        items = np.argsort(ranks)
        items = items[counts[items] > 0]
        weights = counts[items].astype(np.float64) ** settings.power
        return cls(items, weights, settings.per_positive, seed)

    def sample(self, users: Int32s, avoided: Rows) -> tuple[Int64s, Int64s]:
        """Draw negatives for positives.

        Args:
            users: (n,) the user of each positive.
            avoided: (m,) rows of these users, and perhaps others, whose items are no negatives.

        Returns:
            The index of each negative's positive (k,), and its item (k,). Fewer than
            `per_positive` for a positive only if its user has all items.
        """
        factor = int(max(avoided[ITEM].max(initial=0), self._items.max(initial=0))) + 1
        known = np.sort(avoided[USER].astype(np.int64) * factor + avoided[ITEM])
        rows = np.repeat(np.arange(len(users)), self._per_positive)
        drawn = self._draw(len(rows))
        to_redraw = np.arange(len(rows))
        for _ in range(_ROUNDS):
            pairs = users[rows[to_redraw]].astype(np.int64) * factor + drawn[to_redraw]
            to_redraw = to_redraw[_is_in(known, pairs)]
            if not len(to_redraw):
                return rows, drawn
            drawn[to_redraw] = self._draw(len(to_redraw))
        self._draw_among_left(users[rows], to_redraw, known, factor, drawn)
        kept = drawn >= 0
        return rows[kept], drawn[kept]

    def _draw(self, count: int) -> Int64s:
        if not len(self._items):
            return np.full(count, -1)
        indices = np.searchsorted(
            self._cumulative, self._random.random(count) * self._cumulative[-1], "right"
        )
        drawn: Int64s = self._items[indices]
        return drawn

    def _draw_among_left(
        self, users: Int32s, to_redraw: Int64s, known: Int64s, factor: int, drawn: Int64s
    ) -> None:
        """Draw again for users who know nearly all items; -1 if there is none left."""
        for user in dict.fromkeys(users[to_redraw].tolist()):
            of_user = to_redraw[users[to_redraw] == user]
            left = ~_is_in(known, user * factor + self._items)
            drawn[of_user] = -1
            if left.any():
                weights = self._weights[left] / self._weights[left].sum()
                drawn[of_user] = self._random.choice(self._items[left], len(of_user), p=weights)


class _KnownItems(NamedTuple):
    """What training knows of items.

    Attributes:
        counts: (items,) the training rows of each.
        features: by key, the value (items,) of a side feature in the last of them.
    """

    counts: Int64s
    features: dict[str, NDArray[np.generic]]


def _known_items(blocks: LabelledBlocks, fields: Sequence[InputField], items: int) -> _KnownItems:
    counts = np.zeros(items, np.int64)
    keys = [field.key for field in fields if field.role == "item_feature"]
    features = {key: np.zeros(items, blocks.spool.dtype[key]) for key in keys}
    for block in blocks.blocks():
        rows = block.rows[block.learnt]
        counts += np.bincount(rows[ITEM], minlength=items)
        for key, values in features.items():
            values[rows[ITEM]] = rows[key]
    return _KnownItems(counts, features)


def _is_in(known: Int64s, keys: Int64s) -> Bools:
    """Tell which keys are among the sorted known ones."""
    if not len(known):
        return np.zeros(len(keys), np.bool_)
    indices = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    present: Bools = known[indices] == keys
    return present
