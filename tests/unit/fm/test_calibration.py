"""Calibration against scikit-learn."""

import numpy as np
import pytest
from sklearn import calibration as sklearn_calibration

from fm import calibration


def test_reliability_and_its_error() -> None:
    rng = np.random.default_rng(9)
    scores = rng.random(300).astype(np.float32)
    labels = (rng.random(300) < scores**2).astype(np.float32)
    observed, predicted = sklearn_calibration.calibration_curve(
        labels, scores, n_bins=calibration.BINS
    )
    found = calibration.reliability(labels, scores)
    np.testing.assert_allclose(found.predicted, predicted, rtol=1e-6)
    np.testing.assert_allclose(found.observed, observed, rtol=1e-6)
    rows, _ = np.histogram(scores, calibration.BINS, (0, 1))
    assert found.rows.tolist() == rows.tolist()
    error = np.abs(observed - predicted) @ rows / 300
    assert calibration.expected_calibration_error(labels, scores) == pytest.approx(error)


def test_a_calibrated_score_has_a_small_error_and_an_overconfident_one_a_large() -> None:
    rng = np.random.default_rng(10)
    scores = rng.random(50_000).astype(np.float32)
    labels = (rng.random(50_000) < scores).astype(np.float32)
    assert calibration.expected_calibration_error(labels, scores) < 0.02
    assert calibration.expected_calibration_error(labels, scores**4) > 0.1
