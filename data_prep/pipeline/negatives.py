"""Items that a user has not interacted with, drawn at random for each positive interaction."""

import numpy as np
from numpy.typing import NDArray

from data_prep.settings import Negatives

_STREAM = 3  # the random stream; split and shuffle have others
_ROUNDS = 20  # of drawing again what the user knows; then the items left are listed instead

Codes = NDArray[np.int32]


class Sampler:
    """Draws among the items that training has (`counts` (items,) > 0), uniformly or by count."""

    def __init__(self, counts: NDArray[np.int64], settings: Negatives, seed: int) -> None:
        self._settings = settings
        self._random = np.random.default_rng([seed, _STREAM])
        self._items = np.flatnonzero(counts)
        weights = counts[self._items] if settings.by == "popularity" else self._items * 0 + 1
        self._weights = weights.astype(np.float64)
        self._cumulative = np.cumsum(self._weights)

    def sample(
        self, users: Codes, items: Codes, positive: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For rows (n,) that are all of their users' rows: positives (m,) and their negatives (m,).

        Each positive row's number comes `per_positive` times, with an item that none of its user's
        rows has; it does not come when there is no such item.
        """
        width = int(max(items.max(), self._items.max(initial=0))) + 1
        known = np.sort(users.astype(np.int64) * width + items)
        rows = np.repeat(np.flatnonzero(positive), self._settings.per_positive)
        drawn = self._draw(len(rows))
        wrong = np.arange(len(rows))
        for _ in range(_ROUNDS):
            wrong = wrong[_is_in(known, users[rows[wrong]].astype(np.int64) * width + drawn[wrong])]
            if not len(wrong):
                return rows, drawn
            drawn[wrong] = self._draw(len(wrong))
        self._complete(users[rows], wrong, known, width, drawn)
        kept = drawn >= 0
        return rows[kept], drawn[kept]

    def _draw(self, count: int) -> NDArray[np.int64]:
        if not len(self._items):
            return np.full(count, -1)
        places = np.searchsorted(
            self._cumulative, self._random.random(count) * self._cumulative[-1], "right"
        )
        drawn: NDArray[np.int64] = self._items[places]
        return drawn

    def _complete(
        self,
        users: Codes,
        wrong: NDArray[np.int64],
        known: NDArray[np.int64],
        width: int,
        drawn: NDArray[np.int64],
    ) -> None:
        """Set the `wrong` draws, of users who know nearly everything, or -1 if nothing is left."""
        for user in np.unique(users[wrong]).tolist():
            mine = wrong[users[wrong] == user]
            left = ~_is_in(known, user * width + self._items)
            drawn[mine] = -1
            if left.any():
                weights = self._weights[left] / self._weights[left].sum()
                drawn[mine] = self._random.choice(self._items[left], len(mine), p=weights)


def _is_in(known: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each key is among the sorted known ones."""
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: NDArray[np.bool_] = known[places] == keys
    return found
