"""Likes are counted, alone and in common, and what is not a like is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from fm import likes
from tests.unit.fm.conftest import likes_of_users


@settings(deadline=None)
@given(likes_of_users())
def test_counts_are_those_of_the_dense_matrix(liked: Any) -> None:
    dense = liked.toarray()
    assert likes.counts(liked).tolist() == dense.sum(0).tolist()
    common = likes.users_in_common(liked.T.tocsr()[:2], liked)
    assert common.tolist() == (dense.T[:2] @ dense).tolist()


def test_the_order_of_a_users_items_does_not_matter() -> None:
    unsorted = sparse.csr_array((np.ones(3, np.float32), [4, 0, 2], [0, 2, 3]), (2, 5))
    assert likes.counts(unsorted).tolist() == [1, 0, 1, 0, 1]
    assert unsorted.indices.tolist() == [4, 0, 2]


def test_a_value_other_than_one_is_refused_with_its_place() -> None:
    ratings = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 4]], np.float32))
    with pytest.raises(ValueError, match=r"user 1 has 4 for item 2 \(1 such value"):
        likes.counts(ratings)


def test_a_pair_that_is_there_twice_is_refused() -> None:
    twice = sparse.csr_array((np.ones(3, np.float32), [1, 1, 0], [0, 0, 3]), (2, 2))
    with pytest.raises(ValueError, match="user 1 has 2 for item 1"):
        likes.counts(twice)


@pytest.mark.parametrize("items", [0, 1, 1682, 59_047, 10**9])
def test_a_block_is_bounded_whatever_the_catalogue(items: int) -> None:
    step = likes.block_items(items)
    assert step >= 1
    assert step == 1 or 4 * step * items <= 1 << 26
