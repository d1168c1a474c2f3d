"""How good the lists of a model and its contenders are for the users of the held-out rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fm import bootstrap, ranking_metrics, weighted_metrics
from fm.top_n import ItemBlock
from fm.weighted_metrics import Statistic
from tasks.evaluation.baselines import Contender, Rows
from tasks.evaluation.comparison import comparison
from tasks.run.catalogue import Catalogue

Ints = npt.NDArray[np.int64]
MOST_USERS = 10_000  # drawn once; more would not narrow the intervals visibly
_BATCH = 1024
_LENGTH = max(ranking_metrics.CUTOFFS)


@dataclass(frozen=True, eq=False)
class Wanted:
    """Who liked what in the held-out rows: `users` by place, and pairs of their row and an item."""

    users: Ints
    pair_users: Ints
    pair_items: Ints

    @property
    def counts(self) -> Ints:
        """How many items each user liked."""
        return np.bincount(self.pair_users, minlength=len(self.users))


def wanted(test: Rows, liked: npt.NDArray[np.bool_], catalogue: Catalogue) -> Wanted:
    """Find the users (at most `MOST_USERS`) with a liked item in `test` that they had not seen.

    What a user has had in training is never recommended, so it cannot be asked for either.
    """
    users, items = catalogue.places(test.features, "user"), catalogue.places(test.features, "item")
    kept = liked & (users >= 0) & (items >= 0)
    pairs = np.unique(np.stack([users[kept], items[kept]], 1), axis=0)
    chosen = np.unique(pairs[:, 0])
    if len(chosen) > MOST_USERS:
        chosen = np.sort(np.random.default_rng(42).choice(chosen, MOST_USERS, replace=False))
    pairs = pairs[np.isin(pairs[:, 0], chosen)]
    starts, ends = (np.searchsorted(pairs[:, 0], chosen, side) for side in ("left", "right"))
    new = np.ones(len(pairs), bool)
    for seen, start, end in zip(catalogue.seen(chosen), starts, ends, strict=True):
        new[start:end] = ~np.isin(pairs[start:end, 1], seen)
    users, rows = np.unique(pairs[new, 0], return_inverse=True)
    return Wanted(users, rows, pairs[new, 1])


def evaluate(
    contenders: Mapping[str, Contender], asked: Wanted, catalogue: Catalogue
) -> dict[str, Any]:
    """Return each contender's ranking metrics, with intervals over users, and the lists' overlap.

    The first contender is the model that the others are compared with. Nothing is measured (None)
    when no held-out row has a liked item that its user had not seen.
    """
    if not len(asked.users):
        return {"users": 0, "items": catalogue.items}
    lists = {name: _lists(one, asked.users, catalogue) for name, one in contenders.items()}
    statistics = {name: _metrics(top, asked, catalogue) for name, top in lists.items()}
    replicates = bootstrap.replicates(statistics, len(asked.users))
    everyone = np.ones(len(asked.users))
    values = {name: statistic(everyone) for name, statistic in statistics.items()}
    compared = comparison((*ranking_metrics.NAMES, *ranking_metrics.BREADTH), values, replicates)
    if "live" in lists:
        compared["overlap_with_live@10"] = _overlap(lists["model"], lists["live"], 10)
    return {"users": len(asked.users), "items": catalogue.items, **compared}


def _lists(contender: Contender, users: Ints, catalogue: Catalogue) -> Ints:
    block = ItemBlock(contender.model, contender.translate(catalogue.item_rows))
    found = []
    for start in range(0, len(users), _BATCH):
        batch = users[start : start + _BATCH]
        contexts = contender.translate(catalogue.user_rows(batch))
        found.append(block.top_n(contexts, _LENGTH, exclude=catalogue.seen(batch))[0])
    return np.concatenate(found)


def _metrics(top: Ints, asked: Wanted, catalogue: Catalogue) -> Statistic:
    """All metrics of the lists `top`, shape (users, n), for weights of their users."""
    hit = ranking_metrics.hits(top, asked.pair_users, asked.pair_items, catalogue.items)
    of_users = weighted_metrics.mean(ranking_metrics.per_user(hit, asked.counts))
    breadth = ranking_metrics.breadth(top, catalogue.item_counts, max(1, catalogue.users))
    return lambda weights: np.concatenate([of_users(weights), breadth(weights)])


def _overlap(top: Ints, other: Ints, k: int) -> float:
    """Mean share of the first `k` places that both lists have."""
    same = (top[:, :k, None] == other[:, None, :k]) & (top[:, :k, None] >= 0)
    return round(float(same.any(2).mean()), 6)
