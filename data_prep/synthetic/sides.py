"""The parameters of the known model: what users and items bring to the score of a pair."""

from typing import NamedTuple

import numpy as np

from data_prep.arrays import Float64s, Int64s

_MOST_GENRES = 3  # of an item


class Side(NamedTuple):
    """Users or items.

    Attributes:
        bias: (n,).
        factors: (factors, n), side features included.
        texts: the side feature of each; None: there is none.
    """

    bias: Float64s
    factors: Float64s
    texts: list[str] | None


def score(user: Side, item: Side, users: Int64s, items: Int64s) -> Float64s:
    """Return the model's scores of users (indices) with items; their shapes are broadcast."""
    total = user.bias[users] + item.bias[items]
    # Factor by factor, not by BLAS, whose sums differ between machines in their last bits.
    for of_users, of_items in zip(user.factors, item.factors, strict=True):
        total += of_users[users] * of_items[items]
    return total


def draw_factors(random: np.random.Generator, factors: int, n: int) -> Float64s:
    """Draw vectors (factors, n) whose products have standard deviation 1.21 at any length."""
    return random.normal(0, 1.1 / factors**0.25, (factors, n))


def draw_genres(
    random: np.random.Generator, genres: int, factors: int, items: int
) -> tuple[Float64s, list[str]]:
    """Draw one to three genres for each item.

    Returns:
        The mean of their vectors for each item, shape (factors, items), and their names, with bars
        between.
    """
    vectors = draw_factors(random, factors, genres)
    most = min(_MOST_GENRES, genres)
    genres_of_item = [
        np.sort(random.choice(genres, size, replace=False))
        for size in random.integers(1, most + 1, items)
    ]
    means = np.stack([vectors[:, one].mean(axis=1) for one in genres_of_item], axis=1)
    return means, ["|".join(f"genre{number + 1}" for number in one) for one in genres_of_item]
