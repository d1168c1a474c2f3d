"""The metrics in the log equal those of `fm.metrics` over all rows."""

import numpy as np
import pytest

from fm import metrics, scoring
from fm.arrays import Float32s
from local.fm_container.progress import new_metrics

SIZE = 50


def added_in_parts(binary: bool) -> tuple[dict[str, float], Float32s, Float32s]:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=470).astype(np.float32)
    labels = (rng.random(470) < 0.5 if binary else rng.normal(size=470)).astype(np.float32)
    running = new_metrics(binary)
    for part in (slice(0, 200), slice(200, 470)):
        running.add(scores[part], labels[part], SIZE)
    return {value.name: value.value for value in running.values()}, labels, scores


def test_a_classifier_s_metrics() -> None:
    found, labels, scores = added_in_parts(binary=True)
    predicted = scores >= 0
    probabilities = scoring.sigmoid(scores).astype(np.float64)
    assert found == pytest.approx(
        {
            "binary_classification_accuracy": metrics.accuracy(labels, predicted),
            "binary_classification_cross_entropy": metrics.log_loss(labels, probabilities),
            "binary_f_1.000": metrics.f1(labels, predicted),
        },
        rel=1e-5,
    )


def test_a_regressor_s_metrics() -> None:
    found, labels, scores = added_in_parts(binary=False)
    rmse = metrics.rmse(labels, scores)
    expected = {"rmse": rmse, "mse": rmse**2, "absolute_loss": metrics.mae(labels, scores)}
    assert found == pytest.approx(expected, rel=1e-5)


def test_nothing_positive_and_nothing_claimed_is_an_f1_of_0() -> None:
    running = new_metrics(binary=True)
    running.add(-np.ones(3, np.float32), np.zeros(3, np.float32), 3)
    assert [value.value for value in running.values()][2] == 0
