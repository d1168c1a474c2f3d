"""The bias-only model equals scikit-learn's ridge regressions."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from fm import bias_only, scoring

USERS, ITEMS = 30, 20


@pytest.fixture
def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(6)
    users, items = rng.integers(USERS, size=800), USERS + rng.integers(ITEMS, size=800)
    keys = np.column_stack([users, items])
    ones, starts = np.ones(keys.size, np.float32), np.arange(0, keys.size + 1, 2)
    rows = sparse.csr_array((ones, keys.ravel(), starts), shape=(800, USERS + ITEMS))
    truth = rng.normal(size=USERS + ITEMS)
    return rows, (rows @ truth + rng.logistic(size=800) > 0.5).astype(np.float32)


def test_a_classifier(data: tuple[Any, Any]) -> None:
    rows, labels = data
    model = bias_only.fit(rows, labels, "binary_classifier")
    reference = LogisticRegression(C=1 / bias_only.RIDGE, tol=1e-8, max_iter=1000)
    expected = reference.fit(rows, labels).predict_proba(rows)[:, 1]
    np.testing.assert_allclose(scoring.scores(model, rows), expected, atol=1e-4)


def test_a_regressor(data: tuple[Any, Any]) -> None:
    rows, labels = data
    model = bias_only.fit(rows, labels, "regressor")
    expected = Ridge(alpha=bias_only.RIDGE, tol=1e-8).fit(rows.toarray(), labels).predict(rows)
    np.testing.assert_allclose(scoring.scores(model, rows), expected, atol=1e-4)


def test_a_feature_that_training_never_saw_is_average(data: tuple[Any, Any]) -> None:
    rows, labels = data
    wider = sparse.csr_array((rows.data, rows.indices, rows.indptr), shape=(800, USERS + ITEMS + 1))
    assert bias_only.fit(wider, labels, "binary_classifier").linear[-1] == 0
