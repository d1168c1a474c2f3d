"""How good the lists of a model and its contenders are for the users of the held-out rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fm import bootstrap, ranking_metrics, weighted_metrics
from fm.arrays import Bools, Int64s
from fm.top_n import ItemBlock
from fm.weighted_metrics import Statistic
from tasks.evaluation.baselines import Contender
from tasks.evaluation.comparison import Comparison, System, compare
from tasks.evaluation.measurements import Ranking
from tasks.run.catalogue import Catalogue
from tasks.run.rows import Rows

MOST_USERS = 10_000  # drawn once; more would not narrow the intervals visibly
_BATCH = 1024
_LENGTH = max(ranking_metrics.CUTOFFS)
_OVERLAP_LENGTH = 10


@dataclass(frozen=True, eq=False)
class RelevantItems:
    """Which users liked which items in the held-out rows.

    Attributes:
        users: indices of the users, each once, shape (u,).
        pair_users: for each pair of a user and a liked item, the user's place in `users`, shape
            (pairs,).
        pair_items: the item's index.
    """

    users: Int64s
    pair_users: Int64s
    pair_items: Int64s

    @property
    def counts(self) -> Int64s:
        """How many items each user liked, shape (u,)."""
        return np.bincount(self.pair_users, minlength=len(self.users))


def relevant_items(test: Rows, liked: Bools, catalogue: Catalogue) -> RelevantItems:
    """Return the users (at most `MOST_USERS`) with liked items in `test` that they had not seen.

    Items that a user has seen in training are never recommended, so no list can be expected to
    show them.

    Args:
        test: the held-out rows.
        liked: which of the rows are liked, shape (n,).
        catalogue: the run's users and items.
    """
    users = catalogue.indices(test.features, "user")
    items = catalogue.indices(test.features, "item")
    kept = liked & (users >= 0) & (items >= 0)
    pairs = np.unique(np.stack([users[kept], items[kept]], 1), axis=0)
    chosen = np.unique(pairs[:, 0])
    if len(chosen) > MOST_USERS:
        chosen = np.sort(np.random.default_rng(42).choice(chosen, MOST_USERS, replace=False))
    pairs = pairs[np.isin(pairs[:, 0], chosen)]
    starts, ends = (np.searchsorted(pairs[:, 0], chosen, side) for side in ("left", "right"))
    unseen = np.ones(len(pairs), bool)
    for seen, start, end in zip(catalogue.seen(chosen), starts, ends, strict=True):
        unseen[start:end] = ~np.isin(pairs[start:end, 1], seen)
    users, pair_users = np.unique(pairs[unseen, 0], return_inverse=True)
    return RelevantItems(users, pair_users, pairs[unseen, 1])


def evaluate(
    contenders: Mapping[System, Contender], relevant: RelevantItems, catalogue: Catalogue
) -> Ranking:
    """Return each contender's ranking metrics, with intervals over users, and the lists' overlap.

    Nothing is compared when no held-out row has a liked item that its user had not seen.
    """
    if not len(relevant.users):
        return Ranking(0, catalogue.items, Comparison({}))
    lists = {
        system: _lists(contender, relevant.users, catalogue)
        for system, contender in contenders.items()
    }
    statistics: dict[str, Statistic] = {
        system: _statistic(top, relevant, catalogue) for system, top in lists.items()
    }
    replicates = bootstrap.replicates(statistics, len(relevant.users))
    everyone = np.ones(len(relevant.users))
    values = {system: statistics[system](everyone) for system in lists}
    names = (*ranking_metrics.NAMES, *ranking_metrics.BREADTH)
    overlap = None
    if "live" in lists:
        overlap = _overlap(lists["model"], lists["live"], _OVERLAP_LENGTH)
    comparison = compare(names, values, {system: replicates[system] for system in values})
    return Ranking(len(relevant.users), catalogue.items, comparison, overlap)


def _lists(contender: Contender, users: Int64s, catalogue: Catalogue) -> Int64s:
    """Return the best unseen items of each user, shape (users, n), -1 where a list has ended."""
    block = ItemBlock(contender.model, contender.translate(catalogue.item_rows))
    batches = []
    for start in range(0, len(users), _BATCH):
        batch = users[start : start + _BATCH]
        contexts = contender.translate(catalogue.user_rows(batch))
        batches.append(block.top_n(contexts, _LENGTH, exclude=catalogue.seen(batch))[0])
    return np.concatenate(batches)


def _statistic(top: Int64s, relevant: RelevantItems, catalogue: Catalogue) -> Statistic:
    """Return all metrics of the lists `top`, shape (users, n), for weights of their users."""
    hit = ranking_metrics.hits(top, relevant.pair_users, relevant.pair_items, catalogue.items)
    per_user = weighted_metrics.mean(ranking_metrics.per_user(hit, relevant.counts))
    breadth = ranking_metrics.breadth(top, catalogue.item_counts, max(1, catalogue.users))
    return lambda weights: np.concatenate([per_user(weights), breadth(weights)])


def _overlap(top: Int64s, other: Int64s, length: int) -> float:
    """Return the mean share of the first `length` places that both lists have in common."""
    same = (top[:, :length, None] == other[:, None, :length]) & (top[:, :length, None] >= 0)
    return round(float(same.any(2).mean()), 6)
