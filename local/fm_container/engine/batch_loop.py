"""The two passes over each batch, shared by any number of threads.

Threads claim chunks of a pass, each first of its own section, so that most of a feature's numbers
stay in one processor's cache, and then of the others'. No chunk's result depends on who takes it:
any number of threads gives the same numbers, and one that the system holds back holds up no other.
"""

from typing import Any, NamedTuple

import numpy as np

from local.fm_container.engine import atomics, compiled
from local.fm_container.engine.adam import Rates, Rule
from local.fm_container.engine.batches import Batches, OffsetArray
from local.fm_container.engine.grouping import Grouped
from local.fm_container.engine.kernels import (
    Parameters,
    Slopes,
    move_bias,
    move_features,
    score_rows,
)

_ROWS_AT_ONCE, _FEATURES_AT_ONCE = 64, 32
_PATIENCE = 1000  # looks at a counter before giving way to other threads


class Turns(NamedTuple):
    """Of each pass, two per batch, how many chunks are `claimed` (passes * sections,) and
    `finished` (passes,). There are as many sections as threads.
    """

    claimed: OffsetArray
    finished: OffsetArray


@compiled.entry
def run(
    batches: Batches,
    grouped: Grouped,
    state: Parameters,
    rates: Any,
    rule: Rule,
    binary: bool,
    slopes: Slopes,
    turns: Turns,
    scores: Any,
    thread: int,
) -> None:
    """Run the batches as thread number `thread` of those that share `slopes` and `turns`.

    Fills `scores` (rows,) with each row's score before its batch's update. `rates` holds a
    `Rates` per group, in the order bias, linear, factors, whose `lr` have an element per batch.
    """
    gradient = np.empty(state.factors.shape[2], np.float32)
    for number in range(len(scores) // batches.size):
        _score_batch(batches, number, state, binary, slopes, turns, scores, thread)
        _move_batch(grouped, number, state, rates, rule, slopes, turns, gradient, thread)


@compiled.inner
def _score_batch(
    batches: Batches,
    number: int,
    state: Parameters,
    binary: bool,
    slopes: Slopes,
    turns: Turns,
    scores: Any,
    thread: int,
) -> None:
    """The first pass over a batch, until all chunks of its rows are finished."""
    chunks = (batches.size + _ROWS_AT_ONCE - 1) // _ROWS_AT_ONCE
    chunk = _claim(turns, 2 * number, chunks, thread)
    while chunk >= 0:
        low = chunk * _ROWS_AT_ONCE
        high = min(low + _ROWS_AT_ONCE, batches.size)
        score_rows(batches, number * batches.size, low, high, state, binary, slopes, scores)
        atomics.fetch_add(turns.finished, 2 * number)
        chunk = _claim(turns, 2 * number, chunks, thread)
    _wait(turns, 2 * number, chunks)


@compiled.inner
def _move_batch(
    grouped: Grouped,
    number: int,
    state: Parameters,
    rates: Any,
    rule: Rule,
    slopes: Slopes,
    turns: Turns,
    gradient: Any,
    thread: int,
) -> None:
    """The second pass over a batch; its last chunk is the bias."""
    begin, end = grouped.starts[number], grouped.starts[number + 1]
    bias, linear, factors = rates
    own = Rates(linear.lr[number], linear.wd), Rates(factors.lr[number], factors.wd)
    chunks = (end - begin + _FEATURES_AT_ONCE - 1) // _FEATURES_AT_ONCE + 1
    chunk = _claim(turns, 2 * number + 1, chunks, thread)
    while chunk >= 0:
        if chunk == chunks - 1:
            move_bias(slopes, state, Rates(bias.lr[number], bias.wd), rule)
        else:
            low = begin + chunk * _FEATURES_AT_ONCE
            high = min(low + _FEATURES_AT_ONCE, end)
            move_features(grouped, low, high, slopes, state, own, rule, gradient)
        atomics.fetch_add(turns.finished, 2 * number + 1)
        chunk = _claim(turns, 2 * number + 1, chunks, thread)
    _wait(turns, 2 * number + 1, chunks)


@compiled.inner
def _claim(turns: Turns, number: int, chunks: int, thread: int) -> int:
    """The next chunk of pass `number` for this thread; -1 when none of the `chunks` is left."""
    sections = len(turns.claimed) // len(turns.finished)
    for turn in range(sections):
        section = (thread + turn) % sections
        begin, end = chunks * section // sections, chunks * (section + 1) // sections
        counter = number * sections + section
        if atomics.read(turns.claimed, counter) < end - begin:
            chunk: int = begin + atomics.fetch_add(turns.claimed, counter)
            if chunk < end:
                return chunk
    return -1


@compiled.inner
def _wait(turns: Turns, number: int, chunks: int) -> None:
    """Wait until all chunks of pass `number` are finished."""
    looks = 0
    while atomics.read(turns.finished, number) < chunks:
        looks += 1
        if looks > _PATIENCE:
            atomics.give_way()
