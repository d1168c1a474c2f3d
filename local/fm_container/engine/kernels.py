"""The sparse trainer's arithmetic, compiled by Numba: a batch's rows, then its features.

The arithmetic is that of `numpy_engine`, which is the readable one. The first pass over a batch
gives scores and the loss's slope by each; the second gathers each feature's gradient from the
rows, in file order, and applies Adam at once, so that no gradient is ever stored."""

import math
from typing import Any, NamedTuple

import numpy as np

from local.fm_container.engine import compiled
from local.fm_container.engine.adam import BETA1, BETA2, REST1, REST2, Rates, Rule
from local.fm_container.engine.batches import Batches, FloatArray
from local.fm_container.engine.grouping import Grouped
from local.fm_container.engine.state import MEAN, VALUE, VARIANCE

_ONE, _HALF, _ZERO = np.float32(1), np.float32(0.5), np.float32(0)


class Parameters(NamedTuple):
    """The arrays of a `State`."""

    bias: FloatArray
    linear: FloatArray
    factors: FloatArray


class Slopes(NamedTuple):
    """What the first pass over a batch leaves to the second.

    `errors` (rows,): the loss's slope by each score; `sums` (rows, k): V'x of each row.
    """

    errors: FloatArray
    sums: FloatArray


@compiled.inner
def score_rows(
    batches: Batches,
    first: int,
    low: int,
    high: int,
    state: Parameters,
    binary: bool,
    slopes: Slopes,
    scores: Any,
) -> None:
    """Scores and slopes of the rows `low` to `high` of the batch that starts at row `first`."""
    linear, factors, sums = state.linear, state.factors, slopes.sums
    k = factors.shape[2]
    for at in range(low, high):
        row = first + at
        score = state.bias[0, VALUE]
        begin, end = batches.indptr[row], batches.indptr[row + 1]
        pairwise = _ZERO
        if end - begin == 2:  # user and item alone: the common case, in one loop
            one, other = batches.columns[begin], batches.columns[begin + 1]
            x, y = batches.values[begin], batches.values[begin + 1]
            score += x * linear[one, VALUE] + y * linear[other, VALUE]
            for f in range(k):
                term, second = x * factors[one, VALUE, f], y * factors[other, VALUE, f]
                pairwise += term * second
                sums[at, f] = term + second
        else:
            own = _ZERO
            for f in range(k):
                sums[at, f] = _ZERO
            for entry in range(begin, end):
                column, x = batches.columns[entry], batches.values[entry]
                score += x * linear[column, VALUE]
                for f in range(k):
                    term = x * factors[column, VALUE, f]
                    sums[at, f] += term
                    own += term * term
            for f in range(k):
                pairwise += sums[at, f] * sums[at, f]
            pairwise = _HALF * (pairwise - own)
        score += pairwise
        scores[row] = score
        predicted = _ONE / (_ONE + math.exp(-score)) if binary else score
        slopes.errors[at] = predicted - batches.labels[row]


@compiled.inner
def move_features(
    grouped: Grouped,
    low: int,
    high: int,
    slopes: Slopes,
    state: Parameters,
    rates: Any,
    rule: Rule,
    gradient: Any,
) -> None:
    """Adam for the features numbered `low` to `high`; `gradient` is scratch of shape (k,)."""
    errors, sums, rows, values = slopes.errors, slopes.sums, grouped.rows, grouped.values
    linear_rates, factors_rates = rates
    factors, rescale, eps, lr = state.factors, rule.rescale, rule.eps, factors_rates.lr
    limit = rule.clip if rule.clip > _ZERO else np.float32(np.inf)
    k = factors.shape[2]
    for number in range(low, high):
        feature = grouped.features[number]
        begin, end = grouped.bounds[number], grouped.bounds[number + 1]
        row = rows[begin]
        total = errors[row] * values[begin]
        own = total * values[begin]
        for f in range(k):
            gradient[f] = total * sums[row, f]
        for entry in range(begin + 1, end):
            row = rows[entry]
            error = errors[row] * values[entry]
            total += error
            own += error * values[entry]
            for f in range(k):
                gradient[f] += error * sums[row, f]
        _move(state.linear, feature, total, linear_rates, rule)
        shrink = factors_rates.wd - rescale * own
        for f in range(k):
            v = factors[feature, VALUE, f]
            slope = rescale * gradient[f] + shrink * v
            slope = min(max(slope, -limit), limit)
            mean = BETA1 * factors[feature, MEAN, f] + REST1 * slope
            variance = BETA2 * factors[feature, VARIANCE, f] + REST2 * (slope * slope)
            factors[feature, MEAN, f] = mean
            factors[feature, VARIANCE, f] = variance
            factors[feature, VALUE, f] = v - lr * mean / (math.sqrt(variance) + eps)


@compiled.inner
def move_bias(slopes: Slopes, state: Parameters, rates: Rates, rule: Rule) -> None:
    """Adam for the bias, which every row of the batch pulls on, pads too."""
    total = _ZERO
    for row in range(len(slopes.errors)):
        total += slopes.errors[row]
    _move(state.bias, 0, total, rates, rule)


@compiled.inner
def _move(moved: Any, at: int, gradient: Any, rates: Rates, rule: Rule) -> None:
    """Adam for the one parameter `at`."""
    slope = rule.rescale * gradient + rates.wd * moved[at, VALUE]
    if rule.clip > _ZERO:
        slope = min(max(slope, -rule.clip), rule.clip)
    moved[at, MEAN] = BETA1 * moved[at, MEAN] + REST1 * slope
    moved[at, VARIANCE] = BETA2 * moved[at, VARIANCE] + REST2 * (slope * slope)
    moved[at, VALUE] -= rates.lr * moved[at, MEAN] / (math.sqrt(moved[at, VARIANCE]) + rule.eps)
