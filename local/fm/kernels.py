"""The sparse trainer's inner loops, compiled by Numba: the only module that needs it.

The arithmetic is `local.fm.numpy_engine`'s, which says it in a readable way. A batch takes two
passes: over its rows (scores, and the loss's slope by each), then over its features (gradient,
gathered from the rows in file order, and Adam at once), so that no gradient is ever stored.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np

from local.fm.adam import BETA1, BETA2, REST1, REST2, Rates
from local.fm.batches import Batches, ColumnArray, FloatArray, OffsetArray

Function = TypeVar("Function", bound=Callable[..., Any])
# Python's division would test every divisor and so keep Adam's loop from being vectorised; sums
# over factors may be reordered for the same reason, which stays within float32's rounding.
_compiled = cast(
    Callable[[Function], Function],
    numba.njit(
        error_model="numpy", fastmath={"contract", "reassoc", "nsz"}, nogil=True, cache=True
    ),
)
_ONE, _HALF, _ZERO = np.float32(1), np.float32(0.5), np.float32(0)


class Grouped(NamedTuple):
    """The entries of each batch grouped by feature, in file order within a feature.

    Batch b has the features `features[starts[b]:starts[b + 1]]`; entry e of feature number u,
    for e in `bounds[u]:bounds[u + 1]`, lies in row `rows[e]` of the batch with value `values[e]`.
    """

    starts: OffsetArray
    features: ColumnArray
    bounds: OffsetArray
    rows: ColumnArray
    values: FloatArray


@_compiled
def group(batches: Batches, number: Any) -> Any:
    """The entries of each batch by feature; `number` is scratch (d,), int64, -1 all through."""
    indptr, columns, values, size = batches.indptr, batches.columns, batches.values, batches.size
    entries = len(columns)
    batch_count = len(batches.labels) // size
    starts = np.zeros(batch_count + 1, np.int64)
    features = np.empty(entries, np.uint32)
    bounds = np.zeros(entries + 1, np.int64)
    rows = np.empty(entries, np.uint32)
    grouped = np.empty(entries, np.float32)
    count = 0
    for batch in range(batch_count):
        begin = count
        low, high = batch * size, (batch + 1) * size
        for entry in range(indptr[low], indptr[high]):
            column = columns[entry]
            if number[column] < 0:
                number[column] = count
                features[count] = column
                count += 1
            bounds[number[column] + 1] += 1
        for feature in range(begin, count):
            bounds[feature + 1] += bounds[feature]
        free = bounds[begin:count].copy()
        for row in range(low, high):
            for entry in range(indptr[row], indptr[row + 1]):
                place = number[columns[entry]] - begin
                rows[free[place]] = row - low
                grouped[free[place]] = values[entry]
                free[place] += 1
        for feature in range(begin, count):
            number[features[feature]] = -1
        starts[batch + 1] = count
    return Grouped(starts, features[:count].copy(), bounds[: count + 1].copy(), rows, grouped)


@_compiled
def score_rows(
    batches: Batches,
    low: int,
    high: int,
    bias: Any,
    linear: Any,
    factors: Any,
    binary: bool,
    scores: Any,
    errors: Any,
    sums: Any,
    squares: Any,
) -> None:
    """For rows `low` to `high`: score, slope of the loss by the score, and V'x.

    Fills `scores` and `errors` (rows,) and `sums` (rows, k); `squares` is scratch of shape (k,).
    """
    indptr, columns, values, labels = (
        batches.indptr,
        batches.columns,
        batches.values,
        batches.labels,
    )
    k = factors.shape[1]
    for at in range(high - low):
        score = bias
        for f in range(k):
            sums[at, f] = _ZERO
            squares[f] = _ZERO
        for entry in range(indptr[low + at], indptr[low + at + 1]):
            column = columns[entry]
            x = values[entry]
            score += x * linear[column]
            for f in range(k):
                term = x * factors[column, f]
                sums[at, f] += term
                squares[f] += term * term
        pairwise = _ZERO
        for f in range(k):
            pairwise += sums[at, f] * sums[at, f] - squares[f]
        score += _HALF * pairwise
        scores[at] = score
        predicted = _ONE / (_ONE + math.exp(-score)) if binary else score
        errors[at] = predicted - labels[low + at]


@_compiled
def move_features(
    grouped: Grouped,
    low: int,
    high: int,
    errors: Any,
    sums: Any,
    linear: Any,
    factors: Any,
    linear_rates: Any,
    factors_rates: Any,
    rule: Any,
    gradient: Any,
) -> None:
    """Adam for the features numbered `low` to `high`; `gradient` is scratch of shape (k,)."""
    bounds, rows, values = grouped.bounds, grouped.rows, grouped.values
    value, mean, variance = factors.value, factors.mean, factors.variance
    limit = rule.clip if rule.clip > _ZERO else np.float32(np.inf)
    rescale, eps, lr, wd = rule.rescale, rule.eps, factors_rates.lr, factors_rates.wd
    k = value.shape[1]
    for number in range(low, high):
        feature = grouped.features[number]
        for f in range(k):
            gradient[f] = _ZERO
        total = _ZERO
        own = _ZERO
        for entry in range(bounds[number], bounds[number + 1]):
            row = rows[entry]
            error = errors[row] * values[entry]
            total += error
            own += error * values[entry]
            for f in range(k):
                gradient[f] += error * sums[row, f]
        move(linear, feature, total, linear_rates, rule)
        for f in range(k):
            v = value[feature, f]
            slope = rescale * (gradient[f] - own * v) + wd * v
            slope = min(max(slope, -limit), limit)
            m = BETA1 * mean[feature, f] + REST1 * slope
            s = BETA2 * variance[feature, f] + REST2 * (slope * slope)
            mean[feature, f] = m
            variance[feature, f] = s
            value[feature, f] = v - lr * m / (math.sqrt(s) + eps)


@_compiled
def move(moved: Any, at: int, gradient: Any, rates: Any, rule: Any) -> None:
    """Adam for the one parameter `at`."""
    slope = rule.rescale * gradient + rates.wd * moved.value[at]
    if rule.clip > _ZERO:
        slope = min(max(slope, -rule.clip), rule.clip)
    moved.mean[at] = BETA1 * moved.mean[at] + REST1 * slope
    moved.variance[at] = BETA2 * moved.variance[at] + REST2 * (slope * slope)
    moved.value[at] -= rates.lr * moved.mean[at] / (math.sqrt(moved.variance[at]) + rule.eps)


@_compiled
def run(
    batches: Batches,
    grouped: Grouped,
    bias: Any,
    linear: Any,
    factors: Any,
    rates: Any,
    rule: Any,
    binary: bool,
) -> Any:
    """Run the batches; the scores of their rows, each as before its batch's update.

    `rates` holds a `Rates` per group, in the order bias, linear, factors, whose `lr` are arrays
    with an element per batch.
    """
    size, k = batches.size, factors.value.shape[1]
    scores = np.empty(len(batches.labels), np.float32)
    errors = np.empty(size, np.float32)
    sums = np.empty((size, k), np.float32)
    scratch = np.empty(k, np.float32)
    bias_rates, linear_rates, factors_rates = rates
    for at in range(len(scores) // size):
        low = at * size
        score_rows(
            batches,
            low,
            low + size,
            bias.value[0],
            linear.value,
            factors.value,
            binary,
            scores[low : low + size],
            errors,
            sums,
            scratch,
        )
        move_features(
            grouped,
            grouped.starts[at],
            grouped.starts[at + 1],
            errors,
            sums,
            linear,
            factors,
            Rates(linear_rates.lr[at], linear_rates.wd),
            Rates(factors_rates.lr[at], factors_rates.wd),
            rule,
            scratch,
        )
        total = _ZERO
        for row in range(size):
            total += errors[row]
        move(bias, 0, total, Rates(bias_rates.lr[at], bias_rates.wd), rule)
    return scores
