"""Every metric equals scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from fm import metrics


@st.composite
def classified(draw: st.DrawFn) -> tuple[Any, Any]:
    n = draw(st.integers(2, 40))
    labels = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    # few distinct values, so that ties are common; the ends exercise the clipping
    scores = draw(st.lists(st.sampled_from([0, 0.1, 0.25, 0.5, 0.9, 1]), min_size=n, max_size=n))
    return np.array([0, 1, *labels]), np.array([0.4, 0.6, *scores], np.float32)


@settings(deadline=None)
@given(classified())
def test_ranking_and_likelihood(data: tuple[Any, Any]) -> None:
    labels, scores = data
    assert metrics.auc(labels, scores) == pytest.approx(sklearn.roc_auc_score(labels, scores))
    assert metrics.log_loss(labels, scores) == pytest.approx(
        sklearn.log_loss(labels, scores), rel=1e-5
    )


@settings(deadline=None)
@given(classified())
def test_decisions(data: tuple[Any, Any]) -> None:
    labels, scores = data
    predicted = (scores >= 0.5).astype(int)
    assert metrics.accuracy(labels, predicted) == pytest.approx(
        sklearn.accuracy_score(labels, predicted)
    )
    assert metrics.f1(labels, predicted) == pytest.approx(sklearn.f1_score(labels, predicted))


def test_errors() -> None:
    rng = np.random.default_rng(1)
    labels, found = rng.normal(size=(2, 50))
    assert metrics.rmse(labels, found) == pytest.approx(
        sklearn.root_mean_squared_error(labels, found)
    )
    assert metrics.mae(labels, found) == pytest.approx(sklearn.mean_absolute_error(labels, found))


def test_auc_of_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="every label is the same"):
        metrics.auc(np.ones(3), np.arange(3))


def test_f1_without_positives_is_zero() -> None:
    assert metrics.f1(np.zeros(3), np.zeros(3)) == 0


@pytest.mark.parametrize("metric", [metrics.auc, metrics.log_loss, metrics.accuracy, metrics.mae])
def test_arrays_that_do_not_fit_are_refused(metric: Any) -> None:
    with pytest.raises(ValueError, match=r"\(3,\) and predictions \(2,\)"):
        metric(np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="no rows"):
        metric(np.zeros(0), np.zeros(0))
