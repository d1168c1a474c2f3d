"""Curves against scikit-learn."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn

from fm import curves


@pytest.fixture
def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(9)
    scores = np.round(rng.random(300), 2).astype(np.float32)  # with ties
    return (rng.random(300) < scores).astype(np.float32), scores


def test_roc(data: tuple[Any, Any]) -> None:
    labels, scores = data
    false, true, _ = sklearn.roc_curve(labels, scores, drop_intermediate=False)
    found = curves.roc(labels, scores)
    np.testing.assert_allclose(found[0], false)
    np.testing.assert_allclose(found[1], true)


def test_precision_recall(data: tuple[Any, Any]) -> None:
    labels, scores = data
    precision, recall, _ = sklearn.precision_recall_curve(labels, scores)
    found = curves.precision_recall(labels, scores)
    np.testing.assert_allclose(found[0], recall[-2::-1])
    np.testing.assert_allclose(found[1], precision[-2::-1])


def test_one_class_has_no_curve() -> None:
    with pytest.raises(ValueError, match="not defined"):
        curves.roc(np.ones(3), np.ones(3))


def test_a_thinned_curve_keeps_its_ends_and_its_shape() -> None:
    x = np.linspace(0, 1, 10_000)
    thin_x, thin_y = curves.thin(x, np.sqrt(x))
    assert len(thin_x) <= 160
    assert (thin_x[0], thin_x[-1]) == (0, 1)
    assert np.abs(np.interp(x, thin_x, thin_y) - np.sqrt(x)).max() < 0.01
