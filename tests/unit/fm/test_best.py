"""The best of many scores are those that sorting finds, whatever is skipped on the way."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fm.best import best, best_lists


def sorted_indices(scores: Any, n: int) -> list[int]:
    kept = [index for index in range(len(scores)) if scores[index] > -np.inf]
    return sorted(kept, key=lambda index: (-scores[index], index))[:n]


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(1, 40), st.integers(1, 2000), st.integers(0, 2**32))
def test_the_best_are_those_that_sorting_finds(size: int, n: int, levels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(-levels, levels + 1, size).astype(np.float32)
    scores[rng.random(size) < rng.random()] = -np.inf
    assert best(scores, n).tolist() == sorted_indices(scores, n)


def test_pruning_keeps_the_best_even_when_they_share_a_block() -> None:
    scores = np.zeros(5000, np.float32)
    scores[1000:1010] = np.arange(10) + 1
    assert best(scores, 10).tolist() == list(range(1009, 999, -1))


@pytest.mark.parametrize("lists", [0, 1, 31, 32, 33, 100])
def test_lists_in_batches_are_those_of_each_alone(lists: int) -> None:
    rng = np.random.default_rng(lists)
    scores = rng.integers(50, size=(lists, 200)).astype(np.float32)
    exclude = [np.arange(at % 7) for at in range(lists)]
    items, values = best_lists(lambda a, b: scores[a:b].copy(), (lists, 200), 10, exclude)
    for row in range(lists):
        expected = [item for item in sorted_indices(scores[row], 200) if item >= row % 7][:10]
        assert items[row].tolist() == expected
        assert values[row].tolist() == scores[row, expected].tolist()
