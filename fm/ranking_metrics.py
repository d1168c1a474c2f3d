"""How good the top of each user's list is, over the full catalogue without what they had seen.

Metrics with binary relevance, per user, as in TREC: precision, recall, NDCG, average precision
(over min(k, relevant)) and hit rate at k. Sampled candidates would bias them (Krichene and
Rendle, 2020, On Sampled Metrics for Item Recommendation), so every item competes.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fm.weighted_metrics import Statistic

CUTOFFS = (5, 10, 20)
PER_USER = ("precision", "recall", "ndcg", "map", "hit_rate")
NAMES = tuple(f"{metric}@{k}" for k in CUTOFFS for metric in PER_USER)
BREADTH = tuple(f"{metric}@{k}" for k in CUTOFFS for metric in ("coverage", "novelty"))
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def hits(top: Ints, relevant_users: Ints, relevant_items: Ints, items: int) -> Bools:
    """Which places of the lists hold a relevant item.

    `top` are item indices, shape (users, n), best first, -1 where a list has ended. The pairs
    (`relevant_users`, `relevant_items`), both of shape (r,), say which row of `top` finds which
    item relevant.
    """
    wanted = np.unique(relevant_users * items + relevant_items)
    asked = np.arange(len(top))[:, None] * items + top
    return np.isin(asked, wanted) & (top >= 0)


def per_user(hit: Bools, relevant: Ints) -> Floats:
    """The metrics `NAMES` of each user, shape (users, metrics).

    `hit` is of shape (users, n) with n at least the largest cutoff or the whole catalogue;
    `relevant`, shape (users,), counts the relevant items of each user, at least one.
    """
    columns = [column for k in CUTOFFS for column in _at(k, hit, relevant)]
    return np.column_stack(columns)


def _at(k: int, hit: Bools, relevant: Ints) -> Iterator[Floats]:
    top = hit[:, :k].astype(np.float64)
    found = top.sum(1)
    places = np.arange(1, top.shape[1] + 1)
    reachable = np.minimum(k, relevant)
    gain = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(gain)[reachable - 1]
    yield found / k
    yield found / relevant
    yield top @ gain[: top.shape[1]] / ideal
    yield (np.cumsum(top, 1) / places * top).sum(1) / reachable
    yield (found > 0).astype(np.float64)


def breadth(top: Ints, item_counts: Ints, users: int) -> Statistic:
    """The metrics `BREADTH` of lists (as in `hits`), for weights of shape (users,) of the lists.

    Coverage is the share of the catalogue that the lists with a weight show. Novelty is the mean
    surprise of a shown place, in bits: -log2 of the share of users with the item; `item_counts`,
    shape (items,), counts those that had each in training, of `users` (Zhou et al., 2010, Solving
    the apparent diversity-accuracy dilemma of recommender systems).
    """
    items = len(item_counts)
    shown = top >= 0
    bits = np.where(shown, -np.log2(np.clip(item_counts, 1, users) / users)[top], 0.0)
    sums = [(bits[:, :k].sum(1), shown[:, :k].sum(1)) for k in CUTOFFS]

    def metrics(weights: Floats) -> Floats:
        lists = np.flatnonzero(weights)
        found = np.zeros(items + 1, bool)  # the last one is where lists have ended: -1
        values = []
        for (start, end), (surprise, places) in zip(pairwise((0, *CUTOFFS)), sums, strict=True):
            found[top[lists, start:end]] = True
            count = places @ weights
            novelty = surprise @ weights / count if count else float("nan")
            values += [found[:items].sum() / items, novelty]
        return np.array(values)

    return metrics
