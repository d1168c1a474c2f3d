"""Evaluation of a model beside the popularity baseline."""

import numpy as np
import pytest
import scipy.sparse as sp

from fm import metrics
from fm.model import Model
from tasks.evaluation import Rows, evaluate

USERS, ITEMS = 3, 2
ITEM_COLUMNS = np.array([3, 4])


def _rows(pairs: list[tuple[int, int]], labels: list[float]) -> Rows:
    keys = np.array([[user, USERS + item] for user, item in pairs])
    values, starts = np.ones(keys.size, np.float32), np.arange(0, keys.size + 1, 2)
    features = sp.csr_array((values, keys.ravel(), starts), shape=(len(pairs), USERS + ITEMS))
    return Rows(features, np.array(labels, np.float32))


def _model(linear: list[float], predictor_type: str = "binary_classifier") -> Model:
    factors = np.zeros((USERS + ITEMS, 1), np.float32)
    return Model(0.0, np.array(linear, np.float32), factors, predictor_type)


TRAIN = _rows([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)], [1, 1, 0, 0, 0])
TEST = _rows([(0, 0), (1, 1), (2, 1), (2, 0)], [1, 0, 1, 0])


def test_the_model_is_measured_on_the_test_rows() -> None:
    measured = evaluate(_model([2, -2, 1, 0, 0]), TRAIN, TEST, ITEM_COLUMNS)
    probabilities = 1 / (1 + np.exp(-np.array([2, -2, 1, 1], np.float32)))
    assert measured["rows"] == 4
    assert measured["model"]["auc"] == pytest.approx(metrics.auc(TEST.labels, probabilities))
    assert measured["model"]["log_loss"] == pytest.approx(
        metrics.log_loss(TEST.labels, probabilities)
    )


def test_the_baseline_ranks_items_by_their_mean_label_whoever_the_user_is() -> None:
    measured = evaluate(_model([0, 0, 0, 0, 0]), TRAIN, TEST, ITEM_COLUMNS)
    popular_first = np.array([1, 0, 0, 1], np.float32)
    assert measured["baseline"]["auc"] == metrics.auc(TEST.labels, popular_first)


def test_an_item_that_training_never_saw_counts_as_average() -> None:
    unseen = _rows([(0, 0), (1, 1)], [1, 0])
    measured = evaluate(_model([0] * 5), TRAIN, unseen, ITEM_COLUMNS[:0])
    mean = float(TRAIN.labels.mean())
    expected = metrics.log_loss(unseen.labels, np.full(2, mean, np.float32))
    assert measured["baseline"]["log_loss"] == pytest.approx(expected, rel=1e-5)


def test_a_regressor_is_measured_by_its_errors() -> None:
    measured = evaluate(_model([1, 0, 0, 0, 0], "regressor"), TRAIN, TEST, ITEM_COLUMNS)
    assert set(measured["model"]) == {"rmse", "mae"}
    assert measured["model"]["mae"] == pytest.approx(0.25)
