"""Lists of the baselines equal scoring every item of every history and sorting."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from fm.list_baselines import ItemScores, ItemWeights

USERS = 70


def histories_of(items: int) -> Any:
    rng = np.random.default_rng(2)
    return sparse.csr_array((rng.random((USERS, items)) < 8 / items).astype(np.float32))


def whole_weights(items: int) -> Any:
    """Return weights whose sums are exact in float32, many of them equal."""
    rng = np.random.default_rng(3)
    drawn = rng.integers(-4, 5, (items, items)) * (rng.random((items, items)) < 0.3)
    return drawn.astype(np.float32)


def brute_force(scores: Any, n: int, exclude: Any) -> Any:
    lists = np.full((len(scores), min(n, scores.shape[1])), -1)
    for row, row_scores in enumerate(scores):
        left = [item for item in range(len(row_scores)) if item not in exclude[row]]
        best = sorted(left, key=lambda item: (-row_scores[item], item))[:n]
        lists[row, : len(best)] = best
    return lists


@pytest.mark.parametrize("items", [5, 40, 1500])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_lists_by_weights_equal_sorting_all_scores(items: int, form: Any) -> None:
    histories, weights = histories_of(items), whole_weights(items)
    expected = histories.toarray() @ weights
    exclude = [np.flatnonzero(history) for history in histories.toarray()]
    found, scores = ItemWeights(form(weights)).top_n(histories, 10, exclude)
    assert found.tolist() == brute_force(expected, 10, exclude).tolist()
    shown = found >= 0
    assert np.array_equal(scores[shown], expected[np.nonzero(shown)[0], found[shown]])
    assert np.isnan(scores[~shown]).all()


def test_lists_by_popularity_are_the_most_liked_that_are_left() -> None:
    histories, likes = histories_of(40), np.random.default_rng(4).integers(9, size=40)
    exclude = [np.flatnonzero(history) for history in histories.toarray()]
    found, scores = ItemScores(likes).top_n(histories, 10, exclude)
    assert found.tolist() == brute_force(np.tile(likes, (USERS, 1)), 10, exclude).tolist()
    assert scores.tolist() == likes[found].tolist()


def test_popularity_is_the_same_in_every_list() -> None:
    popularity = ItemScores(np.arange(5))
    for _ in range(2):  # a list's exclusions are not remembered for another
        found, _scores = popularity.top_n(histories_of(5)[:2], 2, [np.array([4]), np.array([0])])
        assert found.tolist() == [[3, 2], [4, 3]]


def test_without_exclusions_a_historys_own_items_compete() -> None:
    history = sparse.csr_array(np.array([[1, 0, 0]], np.float32))
    found, _ = ItemWeights(np.eye(3, dtype=np.float32)).top_n(history, 3)
    assert found.tolist() == [[0, 1, 2]]


def test_an_empty_history_is_answered_by_index() -> None:
    found, scores = ItemWeights(whole_weights(6)).top_n(
        sparse.csr_array(np.zeros((1, 6), np.float32)), 3
    )
    assert (found.tolist(), scores.tolist()) == ([[0, 1, 2]], [[0, 0, 0]])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\); it must be square"):
        ItemWeights(np.zeros((2, 3), np.float32))
    block = ItemWeights(whole_weights(6))
    assert len(block) == 6
    with pytest.raises(ValueError, match="5 items, the weights have 6"):
        block.top_n(histories_of(5), 3)
    with pytest.raises(ValueError, match="at least one"):
        block.top_n(histories_of(6), 0)
    with pytest.raises(ValueError, match=f"1 rows for {USERS}"):
        block.top_n(histories_of(6), 1, [np.array([0])])
