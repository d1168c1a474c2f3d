"""The sparse trainer's arithmetic, compiled by Numba: a batch's rows, then its features.

The arithmetic is that of `numpy_engine`, which is the readable one. `score_rows` gives scores and
dLoss/dScore of a batch's rows; `update_features` gathers each feature's gradient from the rows, in
file order, and applies Adam at once, so that no gradient is ever stored.
"""

import math
from typing import NamedTuple

import numpy as np

from fm.arrays import Float32s
from local.fm_container.engine import compiled
from local.fm_container.engine.adam import BETA1, BETA2, REST1, REST2, AdamConstants, StepRates
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.grouping import FeatureGroups
from local.fm_container.engine.state import MEAN, VALUE, VARIANCE

_ONE, _HALF, _ZERO = np.float32(1), np.float32(0.5), np.float32(0)


class Parameters(NamedTuple):
    """The arrays of a `State`."""

    bias: Float32s
    linear: Float32s
    factors: Float32s


class RowTerms(NamedTuple):
    """What scoring a batch leaves to its update.

    Attributes:
        errors: dLoss/dScore of each row, which is prediction minus label, shape (rows,).
        sums: V'x of each row, shape (rows, k).
    """

    errors: Float32s
    sums: Float32s


@compiled.inner
def score_rows(
    batches: Batches,
    first: int,
    low: int,
    high: int,
    parameters: Parameters,
    binary: bool,
    terms: RowTerms,
    scores: Float32s,
) -> None:
    """Score the rows `low` to `high` of the batch that starts at row `first`."""
    linear, factors, sums = parameters.linear, parameters.factors, terms.sums
    k = factors.shape[2]
    for at in range(low, high):
        row = first + at
        score = parameters.bias[0, VALUE]
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
            squares = _ZERO
            for f in range(k):
                sums[at, f] = _ZERO
            for entry in range(begin, end):
                column, x = batches.columns[entry], batches.values[entry]
                score += x * linear[column, VALUE]
                for f in range(k):
                    term = x * factors[column, VALUE, f]
                    sums[at, f] += term
                    squares += term * term
            for f in range(k):
                pairwise += sums[at, f] * sums[at, f]
            pairwise = _HALF * (pairwise - squares)
        score += pairwise
        scores[row] = score
        predicted = _ONE / (_ONE + math.exp(-score)) if binary else score
        terms.errors[at] = predicted - batches.labels[row]


@compiled.inner
def update_features(
    groups: FeatureGroups,
    low: int,
    high: int,
    terms: RowTerms,
    parameters: Parameters,
    rates: tuple[StepRates, StepRates],
    constants: AdamConstants,
    gradient: Float32s,
) -> None:
    """Apply Adam to the features numbered `low` to `high`.

    `rates` are those of the linear terms and the factors; `gradient` is scratch of shape (k,).
    """
    errors, sums, rows, values = terms.errors, terms.sums, groups.rows, groups.values
    linear_rates, factors_rates = rates
    factors, rescale, eps = parameters.factors, constants.rescale, constants.eps
    lr = factors_rates.lr
    limit = constants.clip if constants.clip > _ZERO else np.float32(np.inf)
    k = factors.shape[2]
    for number in range(low, high):
        feature = groups.features[number]
        begin, end = groups.bounds[number], groups.bounds[number + 1]
        row = rows[begin]
        total = errors[row] * values[begin]
        squares = total * values[begin]
        for f in range(k):
            gradient[f] = total * sums[row, f]
        for entry in range(begin + 1, end):
            row = rows[entry]
            error = errors[row] * values[entry]
            total += error
            squares += error * values[entry]
            for f in range(k):
                gradient[f] += error * sums[row, f]
        _update_one(parameters.linear, feature, total, linear_rates, constants)
        shrink = factors_rates.wd - rescale * squares
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
def update_bias(
    terms: RowTerms, parameters: Parameters, rates: StepRates, constants: AdamConstants
) -> None:
    """Apply Adam to the bias, whose gradient is the sum over every row of the batch, pads too."""
    total = _ZERO
    for row in range(len(terms.errors)):
        total += terms.errors[row]
    _update_one(parameters.bias, 0, total, rates, constants)


@compiled.inner
def _update_one(
    moments: Float32s, at: int, gradient: np.float32, rates: StepRates, constants: AdamConstants
) -> None:
    """Apply Adam to the one parameter `at` of `moments`, shape (n, 3)."""
    slope = constants.rescale * gradient + rates.wd * moments[at, VALUE]
    if constants.clip > _ZERO:
        slope = min(max(slope, -constants.clip), constants.clip)
    moments[at, MEAN] = BETA1 * moments[at, MEAN] + REST1 * slope
    moments[at, VARIANCE] = BETA2 * moments[at, VARIANCE] + REST2 * (slope * slope)
    root = math.sqrt(moments[at, VARIANCE])
    moments[at, VALUE] -= rates.lr * moments[at, MEAN] / (root + constants.eps)
