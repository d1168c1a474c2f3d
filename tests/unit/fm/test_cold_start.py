"""The average's feature scores as the mean over all known users does."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from fm import cold_start, scoring
from fm.model import Model

USERS = 12


def _mean(model: Model, users: Any, weights: Any, other: Any) -> float:
    raw = [scoring.raw_scores(model, users[[u]] + other)[0] for u in range(USERS)]
    return float(weights @ np.array(raw) / weights.sum())


def test_its_raw_score_with_an_item_is_the_mean_over_users(model: Model) -> None:
    rng = np.random.default_rng(1)
    dense = np.zeros((USERS, model.feature_dim), np.float32)
    dense[np.arange(USERS), np.arange(USERS)] = 1
    dense[:, 12:15] = rng.random((USERS, 3))  # side features, which interact with the user
    users = sp.csr_array(dense)
    weights = np.arange(1, USERS + 1)
    extended = cold_start.with_average(model, [users[:5], users[5:]], weights)
    average = cold_start.average_row(model.feature_dim)
    for column in range(20, 30):
        item = sp.csr_array(np.eye(model.feature_dim, dtype=np.float32)[[column]])
        row = average + cold_start.widened(item)
        found = float(scoring.raw_scores(extended, row.tocsr())[0])
        assert abs(found - _mean(model, users, weights, item)) < 1e-4


def test_every_other_score_stays(model: Model, rows: Any) -> None:
    extended = cold_start.with_average(model, [rows], np.ones(rows.shape[0]))
    np.testing.assert_array_equal(
        scoring.scores(extended, cold_start.widened(rows)), scoring.scores(model, rows)
    )


def test_rows_and_weights_must_be_as_many(model: Model, rows: Any) -> None:
    with pytest.raises(ValueError, match="there are 30 rows and 31 weights"):
        cold_start.with_average(model, [rows], np.ones(31))
