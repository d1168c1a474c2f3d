"""The sparse trainer's inner loops, compiled by Numba.

The arithmetic is `local.fm.numpy_engine`'s, which says it in a readable way. A batch takes two
passes: over its rows (scores, and the loss's slope by each), then over its features (gradient,
gathered from the rows in file order, and Adam at once), so that no gradient is ever stored.

Threads share a pass by claiming chunks of it, each first of its own section, so that most of a
feature's numbers stay in one processor's cache, and then of the others'. No chunk's result depends
on who takes it: any number of threads gives the same numbers, and one that the system holds back
holds up no other.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np

from local.fm import atomics
from local.fm.adam import BETA1, BETA2, REST1, REST2, Rates, Rule
from local.fm.batches import Batches, ColumnArray, FloatArray, OffsetArray
from local.fm.state import MEAN, VALUE, VARIANCE

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
_ROWS_AT_ONCE, _FEATURES_AT_ONCE = 64, 32
_PATIENCE = 1000  # looks at a counter before giving way to other threads


class Grouped(NamedTuple):
    """The entries of each batch grouped by feature, in ascending order of features, and in file
    order within a feature.

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
        features[begin:count].sort()  # memory is fetched faster in its own order
        for feature in range(begin, count):
            number[features[feature]] = feature
        for entry in range(indptr[low], indptr[high]):
            bounds[number[columns[entry]] + 1] += 1
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


class Parameters(NamedTuple):
    """The arrays of a `State`."""

    bias: FloatArray
    linear: FloatArray
    factors: FloatArray


class Work(NamedTuple):
    """What the passes over a batch share.

    `errors` (rows,): the loss's slope by each score; `sums` (rows, k): V'x of each row; and of
    each pass, two per batch, how many chunks are `claimed` (passes * sections,) and
    `finished` (passes,). There are as many sections as threads.
    """

    errors: FloatArray
    sums: FloatArray
    claimed: OffsetArray
    finished: OffsetArray


@_compiled
def score_rows(
    batches: Batches,
    first: int,
    low: int,
    high: int,
    state: Parameters,
    binary: bool,
    work: Work,
    scores: Any,
) -> None:
    """Scores, errors and sums of the rows `low` to `high` of the batch that starts at `first`."""
    linear, factors, sums = state.linear, state.factors, work.sums
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
        work.errors[at] = predicted - batches.labels[row]


@_compiled
def move_features(
    grouped: Grouped,
    low: int,
    high: int,
    work: Work,
    state: Parameters,
    rates: Any,
    rule: Rule,
    gradient: Any,
) -> None:
    """Adam for the features numbered `low` to `high`; `gradient` is scratch of shape (k,)."""
    errors, sums, rows, values = work.errors, work.sums, grouped.rows, grouped.values
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
        move(state.linear, feature, total, linear_rates, rule)
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


@_compiled
def move(moved: Any, at: int, gradient: Any, rates: Rates, rule: Rule) -> None:
    """Adam for the one parameter `at`."""
    slope = rule.rescale * gradient + rates.wd * moved[at, VALUE]
    if rule.clip > _ZERO:
        slope = min(max(slope, -rule.clip), rule.clip)
    moved[at, MEAN] = BETA1 * moved[at, MEAN] + REST1 * slope
    moved[at, VARIANCE] = BETA2 * moved[at, VARIANCE] + REST2 * (slope * slope)
    moved[at, VALUE] -= rates.lr * moved[at, MEAN] / (math.sqrt(moved[at, VARIANCE]) + rule.eps)


@_compiled
def _claim(work: Work, number: int, chunks: int, thread: int) -> int:
    """The next chunk of pass `number` for this thread; -1 when none of the `chunks` is left."""
    sections = len(work.claimed) // len(work.finished)
    for turn in range(sections):
        section = (thread + turn) % sections
        begin, end = chunks * section // sections, chunks * (section + 1) // sections
        counter = number * sections + section
        if atomics.read(work.claimed, counter) < end - begin:
            chunk: int = begin + atomics.fetch_add(work.claimed, counter)
            if chunk < end:
                return chunk
    return -1


@_compiled
def _finish(work: Work, number: int, chunks: int) -> None:
    """Wait until all chunks of pass `number` are finished."""
    looks = 0
    while atomics.read(work.finished, number) < chunks:
        looks += 1
        if looks > _PATIENCE:
            atomics.give_way()


@_compiled
def _score_batch(
    batches: Batches,
    number: int,
    state: Parameters,
    binary: bool,
    work: Work,
    scores: Any,
    thread: int,
) -> None:
    """The first pass over a batch, until all chunks of its rows are finished."""
    chunks = (batches.size + _ROWS_AT_ONCE - 1) // _ROWS_AT_ONCE
    chunk = _claim(work, 2 * number, chunks, thread)
    while chunk >= 0:
        low = chunk * _ROWS_AT_ONCE
        high = min(low + _ROWS_AT_ONCE, batches.size)
        score_rows(batches, number * batches.size, low, high, state, binary, work, scores)
        atomics.fetch_add(work.finished, 2 * number)
        chunk = _claim(work, 2 * number, chunks, thread)
    _finish(work, 2 * number, chunks)


@_compiled
def _move_batch(
    grouped: Grouped,
    number: int,
    state: Parameters,
    rates: Any,
    rule: Rule,
    work: Work,
    gradient: Any,
    thread: int,
) -> None:
    """The second pass over a batch; its last chunk is the bias."""
    begin, end = grouped.starts[number], grouped.starts[number + 1]
    bias_rates, linear_rates, factors_rates = rates
    chunks = (end - begin + _FEATURES_AT_ONCE - 1) // _FEATURES_AT_ONCE + 1
    chunk = _claim(work, 2 * number + 1, chunks, thread)
    while chunk >= 0:
        if chunk == chunks - 1:
            total = _ZERO
            for row in range(len(work.errors)):
                total += work.errors[row]
            move(state.bias, 0, total, Rates(bias_rates.lr[number], bias_rates.wd), rule)
        else:
            low = begin + chunk * _FEATURES_AT_ONCE
            speeds = (
                Rates(linear_rates.lr[number], linear_rates.wd),
                Rates(factors_rates.lr[number], factors_rates.wd),
            )
            high = min(low + _FEATURES_AT_ONCE, end)
            move_features(grouped, low, high, work, state, speeds, rule, gradient)
        atomics.fetch_add(work.finished, 2 * number + 1)
        chunk = _claim(work, 2 * number + 1, chunks, thread)
    _finish(work, 2 * number + 1, chunks)


@_compiled
def run(
    batches: Batches,
    grouped: Grouped,
    state: Parameters,
    rates: Any,
    rule: Rule,
    binary: bool,
    work: Work,
    scores: Any,
    thread: int,
) -> None:
    """Run the batches as thread number `thread` of those that share `work`.

    Fills `scores` (rows,) with each row's score before its batch's update. `rates` holds a
    `Rates` per group, in the order bias, linear, factors, whose `lr` have an element per batch.
    """
    gradient = np.empty(state.factors.shape[2], np.float32)
    for number in range(len(scores) // batches.size):
        _score_batch(batches, number, state, binary, work, scores, thread)
        _move_batch(grouped, number, state, rates, rule, work, gradient, thread)
