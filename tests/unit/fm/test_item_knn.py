"""Nearest neighbours equal their definition, pair by pair, in float64."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from fm import item_knn, likes
from tests.unit.fm.conftest import likes_of_users


def reference(liked: Any, neighbours: int, shrink: float) -> Any:
    x = liked.toarray().astype(np.float64)
    items = x.shape[1]
    weights = np.zeros((items, items))
    for item in range(items):
        found = []
        for other in range(items):
            shared = x[:, item] @ x[:, other]
            if other != item and shared:
                norms = np.sqrt(x[:, item].sum() * x[:, other].sum())
                found.append((-shared / (norms + shrink), other))
        for negative, other in sorted(found)[:neighbours]:
            weights[other, item] = -negative
    return weights


@settings(deadline=None)
@given(likes_of_users(), st.integers(1, 35), st.sampled_from([0, 1, 10, 250.5]))
def test_weights_are_the_largest_shrunk_cosines(liked: Any, neighbours: int, shrink: float) -> None:
    weights = item_knn.fit(liked, neighbours, shrink)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights.toarray(), reference(liked, neighbours, shrink), rtol=1e-6)
    assert not weights.diagonal().any()


def test_another_direction_or_shrinkage_would_be_seen() -> None:
    rng = np.random.default_rng(1)
    liked = sparse.csr_array((rng.random((60, 40)) < 0.2).astype(np.float32))
    weights, expected = item_knn.fit(liked, 5, 10).toarray(), reference(liked, 5, 10)
    assert not np.allclose(weights.T, expected, atol=1e-3)
    assert not np.allclose(item_knn.fit(liked, 5, 9).toarray(), expected, atol=1e-3)


def test_blocks_of_any_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    liked = sparse.csr_array((rng.random((60, 40)) < 0.2).astype(np.float32))
    whole = item_knn.fit(liked)
    monkeypatch.setattr(likes, "_BLOCK_BYTES", 4 * 40 * 7)
    assert np.array_equal(item_knn.fit(liked).toarray(), whole.toarray())


def test_equally_similar_items_are_kept_by_index() -> None:
    alike = sparse.csr_array(np.ones((3, 6), np.float32))
    weights = item_knn.fit(alike, 2, 0).toarray()
    assert [np.flatnonzero(column).tolist() for column in weights.T] == [
        [1, 2], [0, 2], [0, 1], [0, 1], [0, 1], [0, 1],
    ]  # fmt: skip


def test_an_item_that_nobody_liked_has_no_neighbour() -> None:
    liked = sparse.csr_array(np.array([[1, 1, 0], [1, 1, 0]], np.float32))
    assert item_knn.fit(liked, shrink=0).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(("users", "items"), [(0, 0), (3, 0), (0, 3), (3, 1)])
def test_nothing_to_learn_from_gives_no_weight(users: int, items: int) -> None:
    weights = item_knn.fit(sparse.csr_array(np.zeros((users, items), np.float32)))
    assert weights.shape == (items, items)
    assert weights.nnz == 0


def test_impossible_settings_are_refused() -> None:
    liked = sparse.csr_array(np.ones((2, 2), np.float32))
    with pytest.raises(ValueError, match="neighbours is 0"):
        item_knn.fit(liked, neighbours=0)
    with pytest.raises(ValueError, match="shrink is -1"):
        item_knn.fit(liked, shrink=-1)


def test_what_is_not_binary_is_refused() -> None:
    with pytest.raises(ValueError, match="user 0 has 5 for item 1"):
        item_knn.fit(sparse.csr_array(np.array([[0, 5]], np.float32)))
