"""Ranking metrics against scikit-learn where it has them, and against their plain definition."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn

from fm import ranking_metrics

USERS, ITEMS = 40, 60


@pytest.fixture
def lists() -> tuple[Any, Any, Any]:
    """Complete rankings of random scores, the scores, and who finds what relevant."""
    rng = np.random.default_rng(5)
    scores = rng.random((USERS, ITEMS))
    relevant = rng.random((USERS, ITEMS)) < 0.08
    relevant[np.arange(USERS), rng.integers(ITEMS, size=USERS)] = True
    return np.argsort(-scores, 1), scores, relevant


def _measured(lists: tuple[Any, Any, Any], n: int = 20) -> dict[str, Any]:
    order, _, relevant = lists
    users, items = np.nonzero(relevant)
    hit = ranking_metrics.hits(order[:, :n], users, items, ITEMS)
    return dict(
        zip(ranking_metrics.NAMES, ranking_metrics.per_user(hit, relevant.sum(1)).T, strict=True)
    )


@pytest.mark.parametrize("k", ranking_metrics.CUTOFFS)
def test_ndcg_is_scikit_learns(lists: tuple[Any, Any, Any], k: int) -> None:
    _, scores, relevant = lists
    expected = sklearn.ndcg_score(relevant.astype(float), scores, k=k)
    assert _measured(lists)[f"ndcg@{k}"].mean() == pytest.approx(expected)


@pytest.mark.parametrize("k", ranking_metrics.CUTOFFS)
def test_precision_recall_and_average_precision_are_scikit_learns(
    lists: tuple[Any, Any, Any], k: int
) -> None:
    order, scores, relevant = lists
    measured = _measured(lists)
    for user in range(USERS):
        shown = np.zeros(ITEMS, bool)
        shown[order[user, :k]] = True
        precision = sklearn.precision_score(relevant[user], shown)
        assert measured[f"precision@{k}"][user] == pytest.approx(precision)
        recall = sklearn.recall_score(relevant[user], shown)
        assert measured[f"recall@{k}"][user] == pytest.approx(recall)
        # Of the list alone; what lies behind it counts by the denominator.
        found = int((relevant[user] & shown).sum())
        expected = 0.0
        if found:
            alone = sklearn.average_precision_score(relevant[user][shown], scores[user][shown])
            expected = alone * found / min(k, relevant[user].sum())
        assert measured[f"map@{k}"][user] == pytest.approx(expected)


@pytest.mark.parametrize("k", ranking_metrics.CUTOFFS)
def test_the_hit_rate_is_the_share_of_lists_with_a_hit(lists: tuple[Any, Any, Any], k: int) -> None:
    order, _, relevant = lists
    expected = [bool(relevant[user, order[user, :k]].any()) for user in range(USERS)]
    assert any(expected)
    assert _measured(lists)[f"hit_rate@{k}"].tolist() == expected


def test_a_perfect_list_scores_one() -> None:
    hit = ranking_metrics.hits(np.arange(20)[None, :], np.zeros(20, int), np.arange(20), 20)
    assert (ranking_metrics.per_user(hit, np.array([20])) <= 1).all()
    assert ranking_metrics.per_user(hit, np.array([20]))[0, 1:].max() == 1
    ndcg = [name.startswith(("ndcg", "map", "precision")) for name in ranking_metrics.NAMES]
    assert ranking_metrics.per_user(hit, np.array([20]))[0, ndcg] == pytest.approx(1)


def test_a_list_that_has_ended_finds_nothing_more() -> None:
    top = np.array([[3, -1, -1]])
    hit = ranking_metrics.hits(top, np.array([0, 0]), np.array([3, 4]), 5)
    assert hit.tolist() == [[True, False, False]]


def test_another_users_item_is_no_hit() -> None:
    assert not ranking_metrics.hits(np.array([[1], [2]]), np.array([0]), np.array([2]), 5).any()


def test_a_catalogue_shorter_than_the_cutoff_is_measured() -> None:
    hit = ranking_metrics.hits(np.array([[0, 1]]), np.array([0]), np.array([1]), 2)
    measured = dict(
        zip(ranking_metrics.NAMES, ranking_metrics.per_user(hit, np.array([1]))[0], strict=True)
    )
    assert measured["recall@20"] == 1
    assert measured["ndcg@20"] == pytest.approx(1 / np.log2(3))


def _breadth(top: Any, counts: Any, users: int, weights: Any) -> dict[str, float]:
    found = ranking_metrics.breadth(np.array(top), np.array(counts), users)(
        np.array(weights, float)
    )
    return dict(zip(ranking_metrics.BREADTH, found.tolist(), strict=True))


def test_coverage_counts_each_item_once() -> None:
    found = _breadth([[0, 1], [1, -1]], [1, 1, 1, 1], 8, [1, 1])
    assert found["coverage@5"] == found["coverage@20"] == 0.5


def test_coverage_at_k_looks_at_the_first_k_places() -> None:
    found = _breadth([list(range(20))], [1] * 40, 8, [1])
    assert [found[f"coverage@{k}"] for k in ranking_metrics.CUTOFFS] == [5 / 40, 10 / 40, 20 / 40]


def test_novelty_is_the_mean_surprise_in_bits() -> None:
    found = _breadth([[0, 1], [0, -1]], [4, 1], 8, [1, 1])
    assert found["novelty@5"] == pytest.approx((1 + 3 + 1) / 3)


def test_a_weight_is_how_often_a_list_is_there() -> None:
    tops, weights = [[0, 1], [2, 3], [4, -1]], [2, 0, 1]
    repeated = [tops[0], tops[0], tops[2]]
    counts = [3, 1, 2, 5, 4]
    assert _breadth(tops, counts, 8, weights) == pytest.approx(
        _breadth(repeated, counts, 8, [1, 1, 1])
    )
