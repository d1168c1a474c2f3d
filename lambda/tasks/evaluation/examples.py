"""Lists of single users, as a person would look at them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fm import ranking_metrics
from fm.arrays import Int64s
from tasks.evaluation import ranking
from tasks.evaluation.audience import Audience
from tasks.run.catalogue import Catalogue

LENGTH = 10
_QUANTILES = (0.75, 0.5, 0.25)


@dataclass(frozen=True)
class Example:
    """One user's list.

    Attributes:
        user: the user's id.
        ndcg: NDCG@10 of the list.
        wanted: how many held-out items the user liked.
        history: names of what the user liked last in training, newest first.
        shown: names of the list's items, best first, and whether each is one of those wanted.
    """

    user: str
    ndcg: float
    wanted: int
    history: tuple[str, ...]
    shown: tuple[tuple[str, bool], ...]


def of_quartiles(top: Int64s, audience: Audience, catalogue: Catalogue) -> Iterator[Example]:
    """Yield the lists at the upper quartile of NDCG@10 over the users, the middle and the lower.

    Chosen in this way, they are neither the best nor the worst that there are.

    Args:
        top: the model's lists, shape (u, n), -1 where a list has ended.
        audience: the users, with histories.
        catalogue: a run's users and items.
    """
    at = ranking_metrics.NAMES.index("ndcg@10")
    ndcg = ranking.per_user(top, audience, catalogue.items)[:, at]
    order = np.argsort(ndcg, kind="stable")
    for place in dict.fromkeys(order[round(q * (len(order) - 1))] for q in _QUANTILES):
        yield _example(int(place), float(ndcg[place]), top, audience, catalogue)


def _example(
    place: int, ndcg: float, top: Int64s, audience: Audience, catalogue: Catalogue
) -> Example:
    histories, wanted = audience.histories or [], audience.wanted[place]
    shown = top[place, :LENGTH][top[place, :LENGTH] >= 0]
    hits = np.isin(shown, wanted).tolist()
    return Example(
        user=catalogue.encoder.user_ids[audience.users[place]],
        ndcg=ndcg,
        wanted=len(wanted),
        history=tuple(catalogue.item_names(histories[place][::-1][:LENGTH])),
        shown=tuple(zip(catalogue.item_names(shown), hits, strict=True)),
    )
