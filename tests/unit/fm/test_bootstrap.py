"""Bootstrap intervals: as wide as theory says, and paired."""

import numpy as np
import pytest

from fm import bootstrap, weighted_metrics


def test_the_interval_of_a_mean_is_the_normal_ones() -> None:
    values = np.random.default_rng(1).normal(size=(2000, 1))
    replicated = bootstrap.replicates({"mean": weighted_metrics.mean(values)}, 2000)["mean"]
    (interval,) = bootstrap.intervals(replicated)
    error = 1.96 * values.std() / np.sqrt(2000)
    assert interval.low == pytest.approx(values.mean() - error, abs=0.15 * error)
    assert interval.high == pytest.approx(values.mean() + error, abs=0.15 * error)


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered, by_half, trials = 0, 0, 120
    for trial in range(trials):
        values = rng.normal(size=(100, 1))
        replicated = bootstrap.replicates({"mean": weighted_metrics.mean(values)}, 100, seed=trial)
        (interval,) = bootstrap.intervals(replicated["mean"])
        covered += interval.low < 0 < interval.high
        middle, width = sum(interval) / 2, interval.high - interval.low
        by_half += abs(middle) < width / 4
    assert 0.9 < covered / trials < 0.985
    assert by_half / trials < 0.8  # so that an interval of the wrong width would be seen


def test_all_systems_see_the_same_resamples() -> None:
    values = np.random.default_rng(3).normal(size=(100, 1))
    found = bootstrap.replicates(
        {"a": weighted_metrics.mean(values), "b": weighted_metrics.mean(values + 1)}, 100
    )
    np.testing.assert_allclose(found["b"] - found["a"], 1)


def test_a_resample_without_the_metric_does_not_count() -> None:
    (interval, undefined) = bootstrap.intervals(np.array([[1.0, np.nan], [np.nan, np.nan]]))
    assert interval == (1.0, 1.0)
    assert np.isnan(undefined.low)
