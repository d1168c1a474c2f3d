"""Labelled interactions drawn from a known model: what a classifier can learn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_prep.arrays import Float64s, Int64s
from data_prep.errors import InputError
from data_prep.synthetic.files import FIRST_TIME, SECONDS, write_csv
from data_prep.synthetic.sides import Side, draw_factors, draw_genres, score

_WRITE_ROWS = 1 << 20
_WEIGHTS, _DRAWS = 0, 1  # random streams


@dataclass(frozen=True)
class Attainable:
    """The scores of the true probabilities on data drawn from them: no model does better.

    Attributes:
        auc: the area under the ROC curve.
        log_loss: the mean log loss, natural logarithm.
    """

    auc: float
    log_loss: float


@dataclass(frozen=True)
class PlantedFM:
    """A known Factorization Machines model, and interactions drawn from it.

    The score of a pair is a bias each for user and item plus the product of their `factors`-long
    vectors, and P(label = 1) = 1 / (1 + exp(-score / noise)): the more noise, the less a model can
    learn. The item at popularity rank r is drawn in proportion to (r + 10) ** -popularity, users by
    a log-normal activity, and no pair twice. With the defaults a model can reach an AUC of about
    0.84, and SageMaker's FM comes to 0.80 in 20 epochs.

    Attributes:
        users, items, interactions: how many there are.
        factors: the length of a vector.
        noise: of the labels.
        popularity: how much a few items dominate; 0: all are equally popular.
        genres: if not 0, each item has one to three of as many genres; the mean of their vectors is
            added to its own.
        groups: if not 0, each user is in one of as many groups, whose vector is added to its own.
        seed: of all random numbers.
    """

    users: int = 1_000
    items: int = 1_500
    interactions: int = 100_000
    factors: int = 2
    noise: float = 0.85
    popularity: float = 0.8
    genres: int = 0
    groups: int = 0
    seed: int = 7

    def __post_init__(self) -> None:
        smallest = min(self.users, self.items, self.interactions, self.factors)
        if smallest < 1 or self.noise <= 0 or min(self.popularity, self.genres, self.groups) < 0:
            raise InputError(
                "users, items, interactions and factors must be at least 1, noise above 0, and "
                "popularity, genres and groups at least 0"
            )
        if 2 * self.interactions > self.users * self.items:
            raise InputError(
                f"{self.interactions} interactions are more than half of all pairs of "
                f"{self.users} users and {self.items} items",
                fix="Ask for fewer interactions, or more users or items",
            )

    def write(self, path: Path) -> Attainable:
        """Write CSV, ordered by user, and return the best attainable scores.

        The columns are user_id, item_id, interaction (0 or 1), timestamp (seconds), and `group` and
        `genres` (with bars between), if there are any.
        """
        random = np.random.default_rng([self.seed, _DRAWS])
        users, items = np.divmod(self._pairs(random), self.items)
        probabilities = self._probability(users, items)
        labels = (random.random(len(users)) < probabilities).astype(np.int8)
        times = FIRST_TIME + random.integers(0, SECONDS, len(users))
        write_csv(path, self._tables(users, items, labels, times))
        return _attainable(labels, probabilities)

    def probability(self, users: Sequence[str], items: Sequence[str]) -> Float64s:
        """Return the true P(label = 1) (n,) of pairs of ids as they are in the file, from "1"."""
        return self._probability(np.asarray(users, np.int64) - 1, np.asarray(items, np.int64) - 1)

    def _probability(self, users: Int64s, items: Int64s) -> Float64s:
        return np.asarray(1 / (1 + np.exp(-score(*self._sides, users, items) / self.noise)))

    def _tables(
        self, users: Int64s, items: Int64s, labels: NDArray[np.int8], times: Int64s
    ) -> Iterator[pa.Table]:
        for start in range(0, len(users), _WRITE_ROWS):
            part = slice(start, start + _WRITE_ROWS)
            columns = {
                "user_id": users[part] + 1,
                "item_id": items[part] + 1,
                "interaction": labels[part],
                "timestamp": times[part],
            }
            for name, side, indices in zip(
                ("group", "genres"), self._sides, (users, items), strict=True
            ):
                if side.texts is not None:
                    columns[name] = pa.array(side.texts).take(pa.array(indices[part]))
            yield pa.table(columns)

    @cached_property
    def _sides(self) -> tuple[Side, Side]:
        """Users and items."""
        random = np.random.default_rng([self.seed, _WEIGHTS])
        user_bias = random.normal(0, 0.6, self.users)
        item_bias = random.normal(0, 0.9, self.items)
        user = draw_factors(random, self.factors, self.users)
        item = draw_factors(random, self.factors, self.items)
        groups = genres = None
        if self.groups:
            group_of_user = random.integers(0, self.groups, self.users)
            user += draw_factors(random, self.factors, self.groups)[:, group_of_user]
            groups = [f"group{number + 1}" for number in group_of_user.tolist()]
        if self.genres:
            means, genres = draw_genres(random, self.genres, self.factors, self.items)
            item += means
        return Side(user_bias, user, groups), Side(item_bias, item, genres)

    def _pairs(self, random: np.random.Generator) -> Int64s:
        """Draw distinct pairs, as user * items + item, sorted."""
        activity = random.lognormal(0, 0.8, self.users)
        activity /= activity.sum()
        appeal = np.cumsum((np.arange(self.items) + 10.0) ** -self.popularity)
        rank_to_item = random.permutation(self.items)
        pairs = np.empty(0, np.int64)
        while (missing := self.interactions - len(pairs)) > 0:
            counts = random.multinomial(missing + missing // 8 + 16, activity)
            users = np.repeat(np.arange(self.users), counts)
            ranks = np.searchsorted(appeal, random.random(len(users)) * appeal[-1])
            drawn = np.sort(users * self.items + rank_to_item[ranks])
            drawn = drawn[np.flatnonzero(np.diff(drawn, prepend=-1))]
            if len(pairs):
                indices = np.minimum(np.searchsorted(pairs, drawn), len(pairs) - 1)
                drawn = drawn[pairs[indices] != drawn]
            # Sorted runs: a stable sort merges them.
            pairs = np.sort(np.concatenate([pairs, drawn]), kind="stable")
        surplus = random.choice(len(pairs), len(pairs) - self.interactions, replace=False)
        return np.delete(pairs, surplus)


def _attainable(labels: NDArray[np.int8], probabilities: Float64s) -> Attainable:
    order = np.argsort(probabilities, kind="stable")
    positives = int(labels.sum())
    ranks = np.flatnonzero(labels[order]) + 1.0
    pairs = positives * (len(labels) - positives)
    auc = (ranks.sum() - positives * (positives + 1) / 2) / pairs if pairs else float("nan")
    likelihood = np.where(labels == 1, probabilities, 1 - probabilities)
    return Attainable(float(auc), float(-np.log(likelihood).mean()))
