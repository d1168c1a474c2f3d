"""EASE equals its definition: each item regressed on all others, in float64."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from fm import ease, likes
from tests.unit.fm.conftest import likes_of_users


def reference(liked: Any, ridge: float) -> Any:
    """Regress each item on the others by itself: no inverse of all, and no zero to put in."""
    x = liked.toarray().astype(np.float64)
    items = x.shape[1]
    weights = np.zeros((items, items))
    for item in range(items):
        others = np.arange(items) != item
        gram = x[:, others].T @ x[:, others] + ridge * np.eye(items - 1)
        weights[others, item] = np.linalg.solve(gram, x[:, others].T @ x[:, item])
    return weights


def relative_difference(found: Any, expected: Any) -> float:
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-9))


@pytest.fixture
def liked() -> Any:
    rng = np.random.default_rng(1)
    return sparse.csr_array((rng.random((60, 40)) < 0.2 * rng.random(40)).astype(np.float32))


@settings(deadline=None)
@given(likes_of_users(), st.sampled_from([0.5, 10, 200, 5000]))
def test_weights_are_those_of_each_items_regression(liked: Any, ridge: float) -> None:
    weights = ease.fit(liked, ridge)
    assert weights.dtype == np.float32
    assert weights.flags.c_contiguous
    assert relative_difference(weights, reference(liked, ridge)) < 1e-6
    assert not weights.diagonal().any()


def test_a_wrong_diagonal_or_direction_would_be_seen(liked: Any) -> None:
    weights, expected = ease.fit(liked, 2), reference(liked, 2)
    assert relative_difference(weights + np.eye(40, dtype=np.float32), expected) > 0.1
    assert relative_difference(weights.T, expected) > 0.1
    assert relative_difference(ease.fit(liked, 2.1), expected) > 1e-3


def test_blocks_and_tiles_of_any_size_give_the_same(
    liked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ease.fit(liked)
    monkeypatch.setattr(likes, "_BLOCK_BYTES", 4 * 40 * 7)
    monkeypatch.setattr(ease, "_TILE", 9)
    assert np.array_equal(ease.fit(liked), whole)


def test_a_large_catalogues_float32_is_nearly_as_exact(
    liked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ease, "_MOST_IN_FLOAT64", 39)
    assert 0 < relative_difference(ease.fit(liked), reference(liked, ease.RIDGE)) < 1e-5


def test_an_item_that_nobody_liked_has_no_weight(liked: Any) -> None:
    dense = liked.toarray()
    dense[:, [3, 39]] = 0
    weights = ease.fit(sparse.csr_array(dense))
    assert np.isfinite(weights).all()
    assert not weights[[3, 39]].any()
    assert not weights[:, [3, 39]].any()


@pytest.mark.parametrize(("users", "items"), [(0, 0), (3, 0), (0, 3), (3, 1)])
def test_nothing_to_learn_from_gives_no_weight(users: int, items: int) -> None:
    weights = ease.fit(sparse.csr_array(np.zeros((users, items), np.float32)))
    assert weights.tolist() == np.zeros((items, items)).tolist()


def test_more_items_than_fit_are_refused_with_their_number() -> None:
    with pytest.raises(ValueError, match="20,001 items are more than the 20,000"):
        ease.fit(sparse.csr_array(np.zeros((1, ease.MOST_ITEMS + 1), np.float32)))


@pytest.mark.parametrize("ridge", [0, -1, float("nan")])
def test_a_ridge_that_is_not_positive_is_refused(liked: Any, ridge: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        ease.fit(liked, ridge)


def test_a_ridge_too_small_for_an_inverse_is_refused() -> None:
    alike = sparse.csr_array(np.ones((3, 2), np.float32))
    with pytest.raises(ValueError, match="use a larger one"):
        ease.fit(alike, 1e-20)


def test_what_is_not_binary_is_refused() -> None:
    with pytest.raises(ValueError, match="user 0 has 5 for item 1"):
        ease.fit(sparse.csr_array(np.array([[0, 5]], np.float32)))
