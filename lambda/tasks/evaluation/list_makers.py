"""What makes lists for an audience: models, item-item weights and popularity, asked alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from fm import ease, item_knn, likes
from fm.arrays import Int64s
from fm.list_baselines import ItemScores, ItemWeights
from fm.top_n import ItemBlock
from tasks.evaluation.audience import Audience
from tasks.evaluation.comparison import System
from tasks.evaluation.contenders import Contender
from tasks.run.catalogue import Catalogue

# From an audience of u users and n to the n best items of each, shape (u, n), best first; -1 where
# a list has ended.
ListMaker: TypeAlias = Callable[[Audience, int], Int64s]


@dataclass(frozen=True, eq=False)
class ListMakers:
    """The systems whose lists are compared.

    Attributes:
        makers: by system.
        not_compared: by system, why it makes no lists here.
    """

    makers: Mapping[System, ListMaker]
    not_compared: Mapping[System, str] = field(default_factory=dict)


def by_model(contender: Contender, catalogue: Catalogue) -> ListMaker:
    """Return what makes lists by a factorization machine: the user's row with every item's."""
    block = ItemBlock(contender.model, contender.translate(catalogue.item_rows))

    def lists(audience: Audience, n: int) -> Int64s:
        users = catalogue.user_rows(audience.users, audience.histories)
        return block.top_n(contender.translate(users), n, exclude=audience.hidden)[0]

    return lists


def by_items(items: ItemWeights | ItemScores, catalogue: Catalogue) -> ListMaker:
    """Return what makes lists from what the items of a user's history say of every item."""

    def lists(audience: Audience, n: int) -> Int64s:
        histories = audience.histories or [np.empty(0, np.int64)] * len(audience)
        return items.top_n(catalogue.liked(histories), n, exclude=audience.hidden)[0]

    return lists


def from_histories(catalogue: Catalogue, strangers: Int64s) -> ListMakers:
    """Return the baselines that learn from the likes of all users but the strangers.

    Args:
        catalogue: a run's users and items, with histories.
        strangers: indices of users of whom nothing is known.
    """
    known = np.setdiff1d(np.arange(catalogue.users), strangers)
    liked = catalogue.liked(catalogue.histories(known))
    learned: dict[System, ItemWeights | ItemScores] = {
        "item_knn": ItemWeights(item_knn.fit(liked)),
        "baseline": ItemScores(likes.counts(liked)),
    }
    not_compared: dict[System, str] = {}
    if catalogue.items <= ease.MOST_ITEMS:
        learned["ease"] = ItemWeights(ease.fit(liked))
    else:
        not_compared["ease"] = (
            f"it inverts a matrix of all pairs of items, and {catalogue.items:,} items are more "
            f"than the {ease.MOST_ITEMS:,} that it is meant for"
        )
    makers = {system: by_items(items, catalogue) for system, items in learned.items()}
    return ListMakers(makers, not_compared)


def from_rows(catalogue: Catalogue, item_likes: Int64s) -> ListMakers:
    """Return the baselines of a run without histories: popularity alone.

    Args:
        catalogue: the run's users and items.
        item_likes: how many training rows say that the item was liked, shape (items,).
    """
    reason = "it learns from the items that users liked, which only a run for ranking keeps"
    popular = by_items(ItemScores(item_likes), catalogue)
    return ListMakers({"baseline": popular}, {"ease": reason, "item_knn": reason})
