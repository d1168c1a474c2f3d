"""Weighted metrics equal scikit-learn's with `sample_weight`, and the plain ones without."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from fm import calibration, metrics, weighted_metrics


@st.composite
def resampled(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    n = draw(st.integers(2, 40))
    labels = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    # few distinct values, so that ties are common
    scores = draw(st.lists(st.sampled_from([0.05, 0.25, 0.5, 0.9]), min_size=n, max_size=n))
    weights = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return (
        np.array([0, 1, *labels]),
        np.array([0.4, 0.6, *scores], np.float32),
        np.array([1, 1, *weights]),
    )


@settings(deadline=None, max_examples=50)
@given(resampled())
def test_classification(data: tuple[Any, Any, Any]) -> None:
    labels, scores, weights = data
    auc, log_loss, accuracy, f1, _ = weighted_metrics.classification(labels, scores)(weights)
    predicted = (scores >= 0.5).astype(int)
    given_weights = {"sample_weight": weights}
    assert auc == pytest.approx(sklearn.roc_auc_score(labels, scores, **given_weights))
    assert log_loss == pytest.approx(sklearn.log_loss(labels, scores, **given_weights), rel=1e-5)
    assert accuracy == pytest.approx(sklearn.accuracy_score(labels, predicted, **given_weights))
    assert f1 == pytest.approx(sklearn.f1_score(labels, predicted, **given_weights))


@settings(deadline=None, max_examples=50)
@given(resampled())
def test_a_weight_is_how_often_a_row_is_there(data: tuple[Any, Any, Any]) -> None:
    labels, scores, weights = data
    repeated = weighted_metrics.classification(labels.repeat(weights), scores.repeat(weights))
    ones = np.ones(int(weights.sum()))
    expected = repeated(ones)
    assert weighted_metrics.classification(labels, scores)(weights) == pytest.approx(expected)


def test_without_weights_they_are_the_plain_metrics() -> None:
    rng = np.random.default_rng(1)
    labels, scores = rng.integers(0, 2, 500), rng.random(500).astype(np.float32)
    found = weighted_metrics.classification(labels, scores)(np.ones(500))
    assert found[0] == pytest.approx(metrics.auc(labels, scores))
    assert found[1] == pytest.approx(metrics.log_loss(labels, scores))
    assert found[4] == pytest.approx(calibration.expected_calibration_error(labels, scores))


def test_auc_of_one_class_is_not_a_number() -> None:
    statistic = weighted_metrics.classification(np.array([0, 1]), np.array([0.2, 0.8], np.float32))
    assert np.isnan(statistic(np.array([2, 0]))[0])


def test_regression() -> None:
    labels, predictions = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    weights = np.array([1, 0, 3])
    rmse, mae = weighted_metrics.regression(labels, predictions)(weights)
    squared = sklearn.mean_squared_error(labels, predictions, sample_weight=weights)
    assert rmse == pytest.approx(np.sqrt(squared))
    assert mae == pytest.approx(
        sklearn.mean_absolute_error(labels, predictions, sample_weight=weights)
    )


def test_rounding_many_distinct_scores_changes_nothing_that_an_interval_shows() -> None:
    rng = np.random.default_rng(4)
    scores = rng.random(100_000).astype(np.float32)
    labels = (rng.random(100_000) < scores).astype(np.float32)
    found = weighted_metrics.classification(labels, scores)(np.ones(100_000))
    predicted = (scores >= 0.5).astype(np.float32)
    expected = [
        metrics.auc(labels, scores),
        metrics.log_loss(labels, scores),
        metrics.accuracy(labels, predicted),
        metrics.f1(labels, predicted),
    ]
    assert found[:4] == pytest.approx(expected, abs=1e-6)
