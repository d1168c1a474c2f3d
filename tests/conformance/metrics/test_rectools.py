"""RecTools computes the same ranking metrics of the same lists: run by `make test-metrics`.

It is in an environment of its own (requirements.txt beside this file), and these tests are skipped
where it is not installed. Two definitions differ by default: our NDCG is divided by the gain of
the best list that this user can get (`divide_by_achievable`), and our average precision by
min(k, relevant), where RecTools divides by all relevant items.
"""

from typing import Any

import numpy as np
import pytest

from fm import ranking_metrics
from fm.arrays import Float64s, Int64s

metrics = pytest.importorskip("rectools.metrics", reason="needs RecTools: make test-metrics")
pd = pytest.importorskip("pandas", reason="needs RecTools: make test-metrics")

USERS, ITEMS, LONGEST = 200, 90, max(ranking_metrics.CUTOFFS)
Lists = tuple[Int64s, Int64s, Int64s]  # items shown (users, n); users and items of relevant pairs


def _lists(seed: int) -> Lists:
    """Return lists of any length down to none, and from one to more than `LONGEST` relevant."""
    rng = np.random.default_rng(seed)
    top = np.argsort(rng.random((USERS, ITEMS)), 1)[:, :LONGEST]
    lengths = np.where(rng.random(USERS) < 0.5, LONGEST, rng.integers(LONGEST + 1, size=USERS))
    top[np.arange(LONGEST) >= lengths[:, None]] = -1
    share = rng.choice([0.02, 0.1, 0.4], USERS)
    relevant = rng.random((USERS, ITEMS)) < share[:, None]
    relevant[np.arange(USERS), rng.integers(ITEMS, size=USERS)] = True
    users, items = np.nonzero(relevant)
    return top, users, items


def _ours(lists: Lists) -> dict[str, Float64s]:
    top, users, items = lists
    hit = ranking_metrics.hits(top, users, items, ITEMS)
    values = ranking_metrics.per_user(hit, np.bincount(users))
    return dict(zip(ranking_metrics.NAMES, values.T, strict=True))


def _rectools(lists: Lists) -> dict[str, Float64s]:
    top, users, items = lists
    user, place = np.nonzero(top >= 0)
    shown = pd.DataFrame({"user_id": user, "item_id": top[user, place], "rank": place + 1})
    relevant = pd.DataFrame({"user_id": users, "item_id": items})

    def values(metric: Any) -> Float64s:
        return np.asarray(metric.calc_per_user(shown, relevant).sort_index(), np.float64)

    count = np.bincount(users)
    found = {}
    for k in ranking_metrics.CUTOFFS:
        found[f"precision@{k}"] = values(metrics.Precision(k))
        found[f"recall@{k}"] = values(metrics.Recall(k))
        found[f"ndcg@{k}"] = values(metrics.NDCG(k, divide_by_achievable=True))
        found[f"map@{k}"] = values(metrics.MAP(k)) * count / np.minimum(k, count)
        found[f"hit_rate@{k}"] = values(metrics.HitRate(k))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_every_metric_of_every_user_is_rectools(seed: int) -> None:
    lists = _lists(seed)
    ours, theirs = _ours(lists), _rectools(lists)
    assert set(ours) == set(theirs) == set(ranking_metrics.NAMES)
    for name in ranking_metrics.NAMES:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-12, err_msg=name)


def test_two_places_exchanged_would_be_seen() -> None:
    top, users, items = _lists(0)
    hit = ranking_metrics.hits(top, users, items, ITEMS)
    user = int(np.flatnonzero(hit[:, 0] != hit[:, 1])[0])
    exchanged = top.copy()
    exchanged[user, :2] = top[user, 1::-1]
    assert _ours((exchanged, users, items))["ndcg@5"][user] != pytest.approx(
        _rectools((top, users, items))["ndcg@5"][user]
    )
