"""The loop over batches, each scored and then used to update, shared by any number of threads.

Scoring and updating a batch are a phase each, cut into chunks. Threads claim chunks of a phase,
each first of its own section, so that most of a feature's numbers stay in one processor's cache,
and then of the others'. No chunk's result depends on the thread that takes it: any number of
threads gives the same numbers, and a thread that the system holds back does not hold up the others.
"""

from typing import NamedTuple

import numpy as np

from fm.arrays import Float32s, Int64s
from local.fm_container.engine import atomics, compiled
from local.fm_container.engine.adam import AdamConstants, StepRates
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.grouping import FeatureGroups
from local.fm_container.engine.kernels import (
    Parameters,
    RowTerms,
    score_rows,
    update_bias,
    update_features,
)

_ROWS_AT_ONCE, _FEATURES_AT_ONCE = 64, 32
_PATIENCE = 1000  # looks at a counter before the thread lets others run


class BatchRates(NamedTuple):
    """The rates of one parameter group in each batch.

    Attributes:
        lr: Learning rates with Adam's bias correction, shape (batches,).
        wd: Weight decay.
    """

    lr: Float32s
    wd: np.float32


class ChunkCounters(NamedTuple):
    """How far the threads are; two phases per batch, and as many sections as threads.

    Attributes:
        claimed: Chunks claimed of each section of each phase, shape (phases * sections,).
        finished: Chunks finished of each phase, shape (phases,).
    """

    claimed: Int64s
    finished: Int64s


@compiled.entry
def run(
    batches: Batches,
    groups: FeatureGroups,
    parameters: Parameters,
    rates: tuple[BatchRates, BatchRates, BatchRates],
    constants: AdamConstants,
    binary: bool,
    terms: RowTerms,
    counters: ChunkCounters,
    scores: Float32s,
    thread: int,
) -> None:
    """Run the batches as thread number `thread` of those that share `terms` and `counters`.

    Args:
        batches: The rows.
        groups: Their entries by feature.
        parameters: Updated by each batch.
        rates: Of bias, linear terms and factors.
        constants: What the parameter groups share.
        binary: Whether the model is a classifier.
        terms: Scratch for a batch's rows.
        counters: Zeros.
        scores: Filled with each row's score before its batch's update, shape (rows,).
        thread: From 0.
    """
    gradient = np.empty(parameters.factors.shape[2], np.float32)
    for number in range(len(scores) // batches.size):
        _score_batch(batches, number, parameters, binary, terms, counters, scores, thread)
        _update(groups, number, parameters, rates, constants, terms, counters, gradient, thread)


@compiled.inner
def _score_batch(
    batches: Batches,
    number: int,
    parameters: Parameters,
    binary: bool,
    terms: RowTerms,
    counters: ChunkCounters,
    scores: Float32s,
    thread: int,
) -> None:
    """Score a batch with the other threads, until all chunks of its rows are finished."""
    chunks = (batches.size + _ROWS_AT_ONCE - 1) // _ROWS_AT_ONCE
    phase = 2 * number
    chunk = _claim(counters, phase, chunks, thread)
    while chunk >= 0:
        low = chunk * _ROWS_AT_ONCE
        high = min(low + _ROWS_AT_ONCE, batches.size)
        score_rows(batches, number * batches.size, low, high, parameters, binary, terms, scores)
        atomics.fetch_add(counters.finished, phase)
        chunk = _claim(counters, phase, chunks, thread)
    _wait(counters, phase, chunks)


@compiled.inner
def _update(
    groups: FeatureGroups,
    number: int,
    parameters: Parameters,
    rates: tuple[BatchRates, BatchRates, BatchRates],
    constants: AdamConstants,
    terms: RowTerms,
    counters: ChunkCounters,
    gradient: Float32s,
    thread: int,
) -> None:
    """Update by a batch with the other threads; the last chunk is the bias."""
    begin, end = groups.starts[number], groups.starts[number + 1]
    bias, linear, factors = rates
    feature_rates = (
        StepRates(linear.lr[number], linear.wd),
        StepRates(factors.lr[number], factors.wd),
    )
    chunks = (end - begin + _FEATURES_AT_ONCE - 1) // _FEATURES_AT_ONCE + 1
    phase = 2 * number + 1
    chunk = _claim(counters, phase, chunks, thread)
    while chunk >= 0:
        if chunk == chunks - 1:
            update_bias(terms, parameters, StepRates(bias.lr[number], bias.wd), constants)
        else:
            low = begin + chunk * _FEATURES_AT_ONCE
            high = min(low + _FEATURES_AT_ONCE, end)
            update_features(
                groups, low, high, terms, parameters, feature_rates, constants, gradient
            )
        atomics.fetch_add(counters.finished, phase)
        chunk = _claim(counters, phase, chunks, thread)
    _wait(counters, phase, chunks)


@compiled.inner
def _claim(counters: ChunkCounters, phase: int, chunks: int, thread: int) -> int:
    """Return the thread's next chunk of a phase; -1 when none of the `chunks` is left."""
    sections = len(counters.claimed) // len(counters.finished)
    for turn in range(sections):
        section = (thread + turn) % sections
        begin, end = chunks * section // sections, chunks * (section + 1) // sections
        counter = phase * sections + section
        if atomics.read(counters.claimed, counter) < end - begin:
            chunk: int = begin + atomics.fetch_add(counters.claimed, counter)
            if chunk < end:
                return chunk
    return -1


@compiled.inner
def _wait(counters: ChunkCounters, phase: int, chunks: int) -> None:
    """Wait until all chunks of a phase are finished."""
    looks = 0
    while atomics.read(counters.finished, phase) < chunks:
        looks += 1
        if looks > _PATIENCE:
            atomics.give_way()
