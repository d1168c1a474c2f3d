"""Interactions to try things on: the lab's random table, and a table with a model planted in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from data_prep.errors import InputError

_FIRST_TIME = 1_500_000_000  # July 2017, in seconds since 1970
_SECONDS = 3 * 365 * 86_400


def lab(path: Path) -> None:
    """Write the SageMaker lab's 1000 records, bit for bit: user_id, item_id, interaction.

    The lab seeds numpy's legacy generator with 42, then draws the three columns in this order:
    100 users, 50 items, and 0 or 1 with one in ten positive, each independent of the others.
    """
    random = np.random.RandomState(42)
    users = random.randint(1, 101, size=1000)
    items = random.randint(1, 51, size=1000)
    interactions = random.choice([0, 1], size=1000, p=[0.9, 0.1])
    rows = zip(users.tolist(), items.tolist(), interactions.tolist(), strict=True)
    lines = ["user_id,item_id,interaction", *(f"{u},{i},{label}" for u, i, label in rows), ""]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Attainable:
    """The scores that the true probabilities get on data drawn from them: no model does better."""

    auc: float
    log_loss: float


@dataclass(frozen=True)
class PlantedFM:
    """A known Factorization Machines model, and interactions drawn from it.

    The score of a pair is a bias each for user and item plus the product of their `factors`-long
    vectors, and P(label = 1) = 1 / (1 + exp(-score / noise)): the more noise, the less a model can
    learn. The item at popularity rank r is drawn in proportion to (r + 10) ** -popularity, users by
    a log-normal activity, and no pair twice. With the defaults a model can reach an AUC of about
    0.83.
    """

    users: int = 1_000
    items: int = 1_500
    interactions: int = 100_000
    factors: int = 4
    noise: float = 1.0
    popularity: float = 0.8
    seed: int = 7

    def __post_init__(self) -> None:
        smallest = min(self.users, self.items, self.interactions, self.factors)
        if smallest < 1 or self.noise <= 0 or self.popularity < 0:
            raise InputError(
                "users, items, interactions and factors must be at least 1, noise above 0 and "
                "popularity at least 0"
            )
        if 2 * self.interactions > self.users * self.items:
            raise InputError(
                f"{self.interactions} interactions are more than half of all pairs of "
                f"{self.users} users and {self.items} items",
                fix="Ask for fewer interactions, or more users or items",
            )

    def write(self, path: Path) -> Attainable:
        """Write user_id, item_id, interaction (0 or 1), timestamp (s) as CSV, in order of user."""
        random = np.random.default_rng([self.seed, 1])
        pairs = self._pairs(random)
        users, items = np.divmod(pairs, self.items)
        probabilities = self._probability(users, items)
        labels = (random.random(len(pairs)) < probabilities).astype(np.int8)
        times = _FIRST_TIME + random.integers(0, _SECONDS, len(pairs))
        table = pa.table(
            {"user_id": users + 1, "item_id": items + 1, "interaction": labels, "timestamp": times}
        )
        csv.write_csv(table, path, csv.WriteOptions(quoting_header="none"))
        return _attainable(labels, probabilities)

    def probability(self, users: Sequence[str], items: Sequence[str]) -> NDArray[np.float64]:
        """The true P(label = 1) (n,) of pairs given by their ids in the file, from "1"."""
        return self._probability(np.asarray(users, np.int64) - 1, np.asarray(items, np.int64) - 1)

    def _probability(
        self, users: NDArray[np.int64], items: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        user_bias, item_bias, user_factors, item_factors = self._weights
        score = user_bias[users] + item_bias[items]
        for factor in range(self.factors):
            score += user_factors[factor, users] * item_factors[factor, items]
        return np.asarray(1 / (1 + np.exp(-score / self.noise)))

    @cached_property
    def _weights(self) -> tuple[NDArray[np.float64], ...]:
        random = np.random.default_rng([self.seed, 0])
        scale = 1.1 / self.factors**0.25
        return (
            random.normal(0, 0.6, self.users),
            random.normal(0, 0.9, self.items),
            random.normal(0, scale, (self.factors, self.users)),
            random.normal(0, scale, (self.factors, self.items)),
        )

    def _pairs(self, random: np.random.Generator) -> NDArray[np.int64]:
        """Distinct pairs, as user * items + item, sorted."""
        activity = np.cumsum(random.lognormal(0, 0.8, self.users))
        appeal = np.cumsum((np.arange(self.items) + 10.0) ** -self.popularity)
        rank_to_item = random.permutation(self.items)
        pairs = np.empty(0, np.int64)
        while (missing := self.interactions - len(pairs)) > 0:
            draws = missing + missing // 8 + 16
            users = np.searchsorted(activity, random.random(draws) * activity[-1])
            ranks = np.searchsorted(appeal, random.random(draws) * appeal[-1])
            pairs = np.unique(np.concatenate([pairs, users * self.items + rank_to_item[ranks]]))
        surplus = random.choice(len(pairs), len(pairs) - self.interactions, replace=False)
        return np.delete(pairs, surplus)


def _attainable(labels: NDArray[np.int8], probabilities: NDArray[np.float64]) -> Attainable:
    order = np.argsort(probabilities, kind="stable")
    positives = int(labels.sum())
    ranks = np.flatnonzero(labels[order]) + 1.0
    pairs = positives * (len(labels) - positives)
    auc = (ranks.sum() - positives * (positives + 1) / 2) / pairs if pairs else float("nan")
    right = np.where(labels == 1, probabilities, 1 - probabilities)
    return Attainable(float(auc), float(-np.log(right).mean()))
