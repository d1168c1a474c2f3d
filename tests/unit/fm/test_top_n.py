"""Top-N equals scoring every pair of user and item and sorting."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from fm import scoring
from fm.model import Model
from fm.top_n import ItemBlock


def contexts_and_items(n_items: int, d: int = 40) -> tuple[Any, Any]:
    """Users with a side feature in columns 0-9, items with side features in columns 10 up."""
    rng = np.random.default_rng(3)
    users = np.zeros((6, d), np.float32)
    users[:, :10] = rng.normal(size=(6, 10)) * (rng.random((6, 10)) < 0.4)
    items = np.zeros((n_items, d), np.float32)
    items[:, 10:] = rng.normal(size=(n_items, d - 10)) * (rng.random((n_items, d - 10)) < 0.2)
    return sparse.csr_array(users), sparse.csr_array(items)


def brute_force(model: Model, users: Any, items: Any) -> Any:
    return np.array(
        [
            scoring.scores(model, sparse.csr_array(items.todense() + user))
            for user in users.todense()
        ]
    )


def test_block_scores_equal_scoring_every_pair(model: Model) -> None:
    users, items = contexts_and_items(30)
    found = ItemBlock(model, items).scores(users)
    assert np.allclose(found, brute_force(model, users, items), atol=1e-5)


@pytest.mark.parametrize("n_items", [30, 3000])
def test_top_n_equals_sorting_all_scores(model: Model, n_items: int) -> None:
    users, items = contexts_and_items(n_items)
    expected = brute_force(model, users, items)
    found, scores = ItemBlock(model, items).top_n(users, 10)
    rows = np.arange(len(found))[:, None]
    assert np.allclose(scores, expected[rows, found], atol=1e-5)
    assert np.allclose(scores, -np.sort(-expected, 1)[:, :10], atol=1e-5)


@pytest.mark.parametrize("n_items", [30, 3000])
def test_seen_items_are_left_out(model: Model, n_items: int) -> None:
    users, items = contexts_and_items(n_items)
    block = ItemBlock(model, items)
    best, _ = block.top_n(users, 3)
    others, _ = block.top_n(users, 3, exclude=list(best))
    following, _ = block.top_n(users, 6)
    assert np.array_equal(others, following[:, 3:])


def test_too_few_items_left_are_filled_up(model: Model) -> None:
    users, items = contexts_and_items(3)
    found, scores = ItemBlock(model, items).top_n(users[:1], 5, exclude=[np.array([0, 2])])
    assert found.tolist() == [[1, -1, -1]]
    assert np.isnan(scores[0, 1:]).all()


def test_many_users_get_what_each_gets_alone(model: Model) -> None:
    users, items = contexts_and_items(500)
    many = sparse.vstack([users] * 30).tocsr()
    block = ItemBlock(model, items)
    exclude = [np.arange(at % 7) for at in range(180)]
    found, scores = block.top_n(many, 10, exclude=exclude)
    for at in range(180):
        alone = block.top_n(many[[at]], 10, exclude=[exclude[at]])
        assert np.array_equal(found[[at]], alone[0])
        assert np.allclose(scores[[at]], alone[1], atol=1e-6)


@pytest.mark.parametrize("n_items", [20, 5000])
def test_ties_go_to_the_lower_index(n_items: int) -> None:
    model = Model(0, np.zeros(40, np.float32), np.zeros((40, 2), np.float32), "regressor")
    users, items = contexts_and_items(n_items)
    found, _ = ItemBlock(model, items).top_n(users, 4)
    assert found.tolist() == [[0, 1, 2, 3]] * 6


def test_an_impossible_n_is_refused(model: Model) -> None:
    users, items = contexts_and_items(3)
    with pytest.raises(ValueError, match="at least one"):
        ItemBlock(model, items).top_n(users, 0)
    with pytest.raises(ValueError, match="1 rows for 6"):
        ItemBlock(model, items).top_n(users, 1, exclude=[np.array([0])])
