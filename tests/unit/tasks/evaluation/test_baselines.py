"""Popularity, as scores of rows and as likes."""

import numpy as np
import scipy.sparse as sp

from tasks.evaluation import baselines
from tasks.run.rows import Rows


def _rows(pairs: list[tuple[int, int]], labels: list[float]) -> Rows:
    keys = np.array([[user, 3 + item] for user, item in pairs])
    values, starts = np.ones(keys.size, np.float32), np.arange(0, keys.size + 1, 2)
    features = sp.csr_array((values, keys.ravel(), starts), shape=(len(pairs), 5))
    return Rows(features, np.array(labels, np.float32))


TRAIN = _rows([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)], [1, 1, 0, 0, 0])
TEST = _rows([(0, 0), (1, 1), (2, 1), (2, 0)], [1, 0, 1, 0])


def test_the_baseline_scores_items_by_their_mean_label_whoever_the_user_is() -> None:
    first, second, third, fourth = baselines.popularity(TRAIN, TEST, slice(3, 5))
    assert first == fourth > second == third


def test_an_item_that_training_never_saw_counts_as_average() -> None:
    scores = baselines.popularity(TRAIN, TEST, slice(3, 3))
    np.testing.assert_allclose(scores, 0.4, rtol=1e-6)


def test_an_item_has_as_many_likes_as_liked_rows() -> None:
    assert baselines.item_likes(TRAIN, TRAIN.labels == 1, slice(3, 5)).tolist() == [2, 0]
