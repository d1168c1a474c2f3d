"""How good the systems' lists are: for users whom training knows, and for strangers."""

from collections.abc import Mapping, Sequence

import numpy as np

from fm import bootstrap, ranking_metrics, weighted_metrics
from fm.arrays import Float64s, Int64s
from fm.weighted_metrics import Statistic
from tasks.evaluation.audience import Audience
from tasks.evaluation.comparison import Comparison, System, compare
from tasks.evaluation.list_makers import ListMaker
from tasks.evaluation.measurements import Strangers
from tasks.run.catalogue import Catalogue

LENGTH = max(ranking_metrics.CUTOFFS)
STRANGERS_METRICS = ("ndcg@10", "recall@10")
FEWEST_STRANGERS = 10  # of fewer, an interval says nothing
_OVERLAP_LENGTH = 10
Lists = Mapping[System, Int64s]  # each system's best items per user, shape (u, n), -1 for none


def lists(makers: Mapping[System, ListMaker], audience: Audience) -> Lists:
    """Return the lists of each system for the same users; empty without users."""
    if not len(audience):
        return {}
    return {system: make(audience, LENGTH) for system, make in makers.items()}


def compare_lists(lists: Lists, audience: Audience, catalogue: Catalogue) -> Comparison:
    """Return all ranking metrics of each system's lists, with intervals over the users."""
    counts, users = catalogue.item_counts, max(1, catalogue.users)

    def statistic(top: Int64s) -> Statistic:
        mean = weighted_metrics.mean(per_user(top, audience, catalogue.items))
        breadth = ranking_metrics.breadth(top, counts, users)
        return lambda weights: np.concatenate([mean(weights), breadth(weights)])

    names = (*ranking_metrics.NAMES, *ranking_metrics.BREADTH)
    return _compare(names, {system: statistic(top) for system, top in lists.items()}, len(audience))


def compare_strangers(lists: Lists, audience: Audience, catalogue: Catalogue) -> Strangers:
    """Return `STRANGERS_METRICS` of each system's lists, if there are enough users."""
    if len(audience) < FEWEST_STRANGERS:
        return Strangers(len(audience), Comparison({}))
    columns = [ranking_metrics.NAMES.index(name) for name in STRANGERS_METRICS]
    statistics = {
        system: weighted_metrics.mean(per_user(top, audience, catalogue.items)[:, columns])
        for system, top in lists.items()
    }
    return Strangers(len(audience), _compare(STRANGERS_METRICS, statistics, len(audience)))


def per_user(top: Int64s, audience: Audience, items: int) -> Float64s:
    """Return the metrics `ranking_metrics.NAMES` of each user's list, shape (u, metrics)."""
    hit = ranking_metrics.hits(top, *audience.wanted_pairs, items)
    return ranking_metrics.per_user(hit, audience.wanted_counts)


def overlap_with_live(lists: Lists) -> float | None:
    """Return the mean share of the first ten places that model and live model have in common."""
    if "live" not in lists:
        return None
    ours, theirs = (lists[system][:, :_OVERLAP_LENGTH] for system in ("model", "live"))
    same = (ours[:, :, None] == theirs[:, None, :]) & (ours[:, :, None] >= 0)
    return round(float(same.any(2).mean()), 6)


def _compare(
    names: Sequence[str], statistics: Mapping[System, Statistic], users: int
) -> Comparison:
    if not users:
        return Comparison({})
    named = {str(system): statistic for system, statistic in statistics.items()}
    replicates = bootstrap.replicates(named, users)
    everyone = np.ones(users)
    values = {system: statistic(everyone) for system, statistic in statistics.items()}
    return compare(names, values, {system: replicates[system] for system in values})
