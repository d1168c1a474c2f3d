"""How good the top of each user's list is, over the full catalogue without what they had seen.

Metrics with binary relevance, per user, as in TREC: precision, recall, NDCG, average precision
(over min(k, relevant)) and hit rate at k. Sampled candidates would bias them (Krichene and
Rendle, 2020, On Sampled Metrics for Item Recommendation), so every item competes.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fm.arrays import Bools, Float64s, Int64s
from fm.weighted_metrics import Statistic

CUTOFFS = (5, 10, 20)
PER_USER = ("precision", "recall", "ndcg", "map", "hit_rate")
NAMES = tuple(f"{metric}@{k}" for k in CUTOFFS for metric in PER_USER)
BREADTH = tuple(f"{metric}@{k}" for k in CUTOFFS for metric in ("coverage", "novelty"))


def hits(top: Int64s, relevant_users: Int64s, relevant_items: Int64s, items: int) -> Bools:
    """Return which places of the lists hold a relevant item.

    Args:
        top: Item indices per user, best first, -1 after a list's end; shape (users, n).
        relevant_users: Row of `top`, shape (r,).
        relevant_items: The item that this user finds relevant, shape (r,).
        items: Number of items in the catalogue.

    Returns:
        Whether each place holds a relevant item, shape (users, n).
    """
    relevant = np.unique(relevant_users * items + relevant_items)
    shown = np.arange(len(top))[:, None] * items + top
    return np.isin(shown, relevant) & (top >= 0)


def per_user(hit: Bools, relevant: Int64s) -> Float64s:
    """Compute the metrics `NAMES` of each user.

    Args:
        hit: Which places hold a relevant item, shape (users, n), with n at least the largest
            cutoff or the whole catalogue.
        relevant: Number of relevant items per user, at least one, shape (users,).

    Returns:
        The metrics, shape (users, metrics).
    """
    columns = [column for k in CUTOFFS for column in _at(k, hit, relevant)]
    return np.column_stack(columns)


def _at(k: int, hit: Bools, relevant: Int64s) -> Iterator[Float64s]:
    top = hit[:, :k].astype(np.float64)
    count = top.sum(1)
    places = np.arange(1, top.shape[1] + 1)
    reachable = np.minimum(k, relevant)
    gain = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(gain)[reachable - 1]
    yield count / k
    yield count / relevant
    yield top @ gain[: top.shape[1]] / ideal
    yield (np.cumsum(top, 1) / places * top).sum(1) / reachable
    yield (count > 0).astype(np.float64)


def breadth(top: Int64s, item_counts: Int64s, users: int) -> Statistic:
    """Return a function from weights of the lists to the metrics `BREADTH`.

    Coverage is the share of the catalogue that the lists with a weight show. Novelty is the mean
    surprise of a shown item, in bits: -log2 of the share of users who have it (Zhou et al., 2010,
    Solving the apparent diversity-accuracy dilemma of recommender systems).

    Args:
        top: Item indices per user, best first, -1 after a list's end; shape (users, n).
        item_counts: Number of users who have each item in training, shape (items,).
        users: Number of users in training.
    """
    items = len(item_counts)
    shown = top >= 0
    bits = np.where(shown, -np.log2(np.clip(item_counts, 1, users) / users)[top], 0.0)
    sums = [(bits[:, :k].sum(1), shown[:, :k].sum(1)) for k in CUTOFFS]

    def weighted(weights: Float64s) -> Float64s:
        lists = np.flatnonzero(weights)
        seen = np.zeros(items + 1, bool)  # the last one is where lists have ended: -1
        values = []
        for (start, end), (surprise, places) in zip(pairwise((0, *CUTOFFS)), sums, strict=True):
            seen[top[lists, start:end]] = True
            count = places @ weights
            novelty = surprise @ weights / count if count else float("nan")
            values += [seen[:items].sum() / items, novelty]
        return np.array(values)

    return weighted
