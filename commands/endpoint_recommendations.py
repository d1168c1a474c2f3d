"""Recommendations from the live endpoint: what the user has not had, scored and sorted."""

from dataclasses import dataclass

import numpy as np

from commands.live_endpoint import invoke
from data_prep.encoder import Encoder


@dataclass(frozen=True)
class Recommendation:
    """An item, named as in the input, and the endpoint's score for it."""

    item: str
    score: float


def recommend(endpoint_name: str, encoder: Encoder, user: str, n: int) -> list[Recommendation]:
    """Return the `n` best items that `user` has not had in training, best first.

    A user whom training never saw gets what the out-of-vocabulary column learned, which is
    what the average new user would like.
    """
    seen = set(encoder.seen_items(user).tolist())
    items = [item for at, item in enumerate(encoder.item_ids) if at not in seen]
    if not items:
        return []
    scores = invoke(endpoint_name, encoder.encode([user] * len(items), items))
    best = np.argsort(-scores, kind="stable")[:n]
    return [Recommendation(items[index], float(scores[index])) for index in best]
