"""Evaluation for ranking once more, one user at a time, from the files alone."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq

from fm import scoring
from fm.model import Model

Score = Callable[[int, Sequence[int]], Any]  # user and history to a score of every item


class Asked(NamedTuple):
    user: int
    history: list[int]
    hidden: set[int]
    wanted: set[int]


class Likes:
    """Who liked what, before and after the split."""

    def __init__(self, run: Any) -> None:
        encoder = run.catalogue.encoder
        self.items = len(encoder.item_ids)
        self.history = [encoder.history(user).tolist() for user in encoder.user_ids]
        self.seen = [set(encoder.seen_items(user).tolist()) for user in encoder.user_ids]
        self.since: list[set[int]] = [set() for _ in encoder.user_ids]
        for row in pq.read_table(Path(run.data) / "held_out.parquet").to_pylist():
            if row["label"] == 1 and row["user"] >= 0 and row["item"] >= 0:
                self.since[row["user"]].add(row["item"])
        strangers = pq.read_table(Path(run.data) / "strangers.parquet").to_pylist()
        self.strangers = [row["user"] for row in strangers]

    def warm(self) -> list[Asked]:
        return [
            Asked(user, self.history[user], self.seen[user], since - self.seen[user])
            for user, since in enumerate(self.since)
            if user not in self.strangers and since - self.seen[user]
        ]

    def by(self, given: int) -> list[Asked]:
        asked = []
        for user in self.strangers:
            liked = self.history[user] + sorted(self.since[user] - set(self.history[user]))
            if len(liked) < given + 5:
                continue
            order = np.random.default_rng([42, user]).permutation(len(liked)).tolist()
            history = [liked[place] for place in sorted(order[:given])]
            wanted = {liked[place] for place in order[given:]}
            asked.append(Asked(user, history, set(history), wanted))
        return asked

    def matrix(self) -> Any:
        """The likes of those who are not strangers, in training; dense."""
        liked = np.zeros((len(self.history), self.items))
        for user, history in enumerate(self.history):
            if user not in self.strangers:
                liked[user, history] = 1
        return liked


def ease(likes: Likes) -> Score:
    liked = likes.matrix()
    inverse = np.linalg.inv(liked.T @ liked + 200 * np.eye(likes.items))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return lambda _user, history: weights[list(history)].sum(0)


def item_knn(likes: Likes) -> Score:
    liked = likes.matrix()
    counts = liked.sum(0)
    weights = (liked.T @ liked) / (np.sqrt(np.outer(counts, counts)) + 10)  # fewer than 200 items
    np.fill_diagonal(weights, 0)
    return lambda _user, history: weights[list(history)].sum(0)


def popularity(likes: Likes) -> Score:
    counts = likes.matrix().sum(0)
    return lambda _user, _history: counts


def by_model(run: Any, model: Model) -> Score:
    encoder = run.catalogue.encoder

    def scores(user: int, history: Sequence[int]) -> Any:
        everything = [encoder.user_ids[user]] * len(encoder.item_ids)
        histories = [np.array(history, np.int64)] * len(encoder.item_ids)
        rows = encoder.encode(everything, encoder.item_ids, histories=histories)
        return scoring.scores(model, rows)

    return scores


def top(score: Score, asked: Asked, n: int) -> list[int]:
    """The list of one user; scores that are equal but for rounding go by the lower index."""
    scores = np.round(np.asarray(score(asked.user, asked.history), np.float64), 6)
    left = [item for item in range(len(scores)) if item not in asked.hidden]
    return sorted(left, key=lambda item: (-scores[item], item))[:n]


def ndcg_at_10(score: Score, users: Sequence[Asked]) -> float:
    total = 0.0
    for asked in users:
        shown = top(score, asked, 10)
        gain = sum(1 / math.log2(at + 2) for at, item in enumerate(shown) if item in asked.wanted)
        total += gain / sum(1 / math.log2(at + 2) for at in range(min(10, len(asked.wanted))))
    return total / len(users)
