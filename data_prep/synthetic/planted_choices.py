"""Choices drawn from a known model: what a ranking of all items can learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_prep.arrays import Float64s, Int64s
from data_prep.errors import InputError
from data_prep.synthetic.files import FIRST_TIME, SECONDS, write_csv
from data_prep.synthetic.sides import Side, draw_factors, draw_genres, score
from data_prep.synthetic.titles import draw_titles

_WEIGHTS, _DRAWS, _TITLES = 2, 3, 4  # random streams
_BLOCK = 1 << 22  # appeals held at once
_LATEST_START = 0.8  # of all the time there is: when the last user appears


@dataclass(frozen=True)
class PlantedChoices:
    """A known Factorization Machines model, and what its users choose among all items.

    The appeal of an item to a user is the item's bias plus the product of their `factors`-long
    vectors. Every user chooses one item after another, each among the items not yet chosen with
    probability proportional to exp(appeal / temperature): the Plackett-Luce model (Plackett, 1975,
    The Analysis of Permutations), drawn as the largest of appeal / temperature + Gumbel noise
    (Kool et al., 2019, Stochastic Beams and Where to Find Them). The item at popularity rank r has
    the bias -popularity * log(r + 10). How many items a user chooses is log-normal, but at least
    one and at most all. A user's choices are in the order of their timestamps.

    Ids are counted from "1" and say nothing of popularity or activity. With the defaults, a random
    fifth of the rows held out and all unseen items in competition, NDCG@10 is 0.19 by popularity,
    0.38 by EASE (Steck, 2019) and 0.49 by the true appeal.

    Attributes:
        users, items, interactions: how many there are.
        factors: the length of a vector.
        temperature: of the choices; the higher, the less a model can learn.
        popularity: how much a few items dominate; 0: all are equally popular.
        genres: if not 0, each item has one to three of as many genres; the mean of their vectors is
            added to its own.
        seed: of all random numbers.
    """

    users: int = 1_000
    items: int = 1_500
    interactions: int = 80_000
    factors: int = 6
    temperature: float = 0.9
    popularity: float = 1.0
    genres: int = 12
    seed: int = 7

    def __post_init__(self) -> None:
        smallest = min(self.users, self.items, self.factors)
        finite = 0 < self.temperature < inf and 0 <= self.popularity < inf
        if smallest < 1 or self.genres < 0 or not finite:
            raise InputError(
                "users, items and factors must be at least 1, temperature above 0, popularity and "
                "genres at least 0, and all of them finite"
            )
        pairs = self.users * self.items
        if not self.users <= self.interactions <= pairs:
            raise InputError(
                f"{self.interactions} interactions are not between one for each of {self.users} "
                f"users and {pairs}, one for each pair of a user and one of {self.items} items",
                fix="Ask for another number of interactions, users or items",
            )

    def write(self, path: Path, items: Path | None = None) -> None:
        """Write the choices as CSV, ordered by time: user_id, item_id, timestamp (seconds).

        Args:
            path: Where the choices are written.
            items: Where a table of all items is written, if at all: item_id, title, and `genres`
                (with bars between), if there are any. Titles are made up, all different.
        """
        random = np.random.default_rng([self.seed, _DRAWS])
        counts = self._counts(random)
        chosen = self._choices(random, counts)
        users = np.repeat(np.arange(self.users), counts)
        times = _times(random, counts)
        order = np.argsort(times, kind="stable")
        columns = {"user_id": users + 1, "item_id": chosen + 1, "timestamp": times}
        write_csv(path, [pa.table({name: values[order] for name, values in columns.items()})])
        if items is not None:
            write_csv(items, [self._item_table()])

    def appeal(self, users: Sequence[str], items: Sequence[str]) -> Float64s:
        """Return the true appeal of items to users, by their ids in the file.

        A user's unseen items in descending order of appeal are the ranking with the highest
        expected NDCG@k, for every k, of all rankings of held-out choices, if the split into
        training and held-out choices looks at users, order and times but not at items (a random
        share, the last n, a split by time). Given a user's training choices, and how many were held
        out, take two unseen items, a with more appeal than b. In each sequence of choices that has
        b and not a, put a in b's place: the split is the same, that choice's odds are higher, and
        so are those of later choices, from whose alternatives more weight is gone. So a is held
        out with at least b's probability, for any number held out. Expected DCG is the sum of
        these probabilities times the discounts of their places, and the ideal DCG depends on the
        number alone: an exchange of a below b never lowers either's expectation. On the choices of
        one file another ranking can be better, by chance.

        Args:
            users: Ids, n of them.
            items: Ids, m of them.

        Returns:
            The appeals, not divided by the temperature, shape (n, m).

        Raises:
            InputError: There is no such user or item.
        """
        rows = _indices(users, self.users, "user")
        columns = _indices(items, self.items, "item")
        return score(*self._sides, rows[:, None], columns)

    @cached_property
    def _sides(self) -> tuple[Side, Side]:
        """Users and items."""
        random = np.random.default_rng([self.seed, _WEIGHTS])
        ranks = random.permutation(self.items)
        user = draw_factors(random, self.factors, self.users)
        item = draw_factors(random, self.factors, self.items)
        genres = None
        if self.genres:
            means, genres = draw_genres(random, self.genres, self.factors, self.items)
            item += means
        bias = -self.popularity * np.log(ranks + 10.0)
        # A bias of the user would be the same for all choices, so it would change none.
        return Side(np.zeros(self.users), user, None), Side(bias, item, genres)

    def _counts(self, random: np.random.Generator) -> Int64s:
        """Draw how many items each user chooses, (users,)."""
        activity = random.lognormal(0, 0.8, self.users)
        counts = np.ones(self.users, np.int64)
        while (missing := self.interactions - int(counts.sum())) > 0:
            odds = activity * (counts < self.items)
            more = random.multinomial(missing, odds / odds.sum())
            counts = np.minimum(counts + more, self.items)
        return counts

    def _choices(self, random: np.random.Generator, counts: Int64s) -> Int64s:
        """Draw the items of each user, in the order of choice, user after user."""
        parts = []
        step = max(1, _BLOCK // self.items)
        for start in range(0, self.users, step):
            users = np.arange(start, min(start + step, self.users))
            appeals = score(*self._sides, users[:, None], np.arange(self.items))
            keys = appeals / self.temperature + random.gumbel(size=appeals.shape)
            order = np.argsort(-keys, axis=1)
            parts.append(order[np.arange(self.items) < counts[users, None]])
        return np.concatenate(parts)

    def _item_table(self) -> pa.Table:
        titles = draw_titles(np.random.default_rng([self.seed, _TITLES]), self.items)
        columns = {"item_id": np.arange(self.items) + 1, "title": titles}
        _, item = self._sides
        if item.texts is not None:
            columns["genres"] = item.texts
        return pa.table(columns)


def _times(random: np.random.Generator, counts: Int64s) -> Int64s:
    """Draw ascending times for each user's choices, all different, from a start of their own."""
    users = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = random.uniform(0, _LATEST_START, len(counts))[users]
    share = start + (1 - start) * random.random(len(users))
    spread = (share * (SECONDS - counts[users])).astype(np.int64)
    # Each place adds a second, so that no two of a user's choices have the same time.
    return FIRST_TIME + spread[np.lexsort((spread, users))] + place


def _indices(ids: Sequence[str], number: int, kind: str) -> Int64s:
    known = {str(index + 1): index for index in range(number)}
    for one in ids:
        if one not in known:
            raise InputError(
                f"there is no such {kind}", value=one, fix=f'Ids are "1" to "{number}"'
            )
    return np.array([known[one] for one in ids], np.int64)
