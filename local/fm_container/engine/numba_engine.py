"""The fast training engine for sparse rows: Numba's kernels on every processor."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from local.fm_container.engine.adam import Rates, rates, rule
from local.fm_container.engine.batch_loop import Turns, run
from local.fm_container.engine.batches import Batches, FloatArray
from local.fm_container.engine.grouping import Grouped, group
from local.fm_container.engine.kernels import Parameters, Slopes
from local.fm_container.engine.state import State
from local.fm_container.hyperparameters import Group, Hyperparameters

_MOST_THREADS = 8
_LEAST_SHARED = 1 << 25  # bytes of parameters: below, a second thread costs more than it saves


class NumbaEngine:
    """Updates a state as `NumpyEngine` does, many times as fast.

    `threads` do not change the numbers; the default is one, or as many as there are processors
    when the parameters outgrow their caches.
    """

    def __init__(self, settings: Hyperparameters, state: State, threads: int | None = None) -> None:
        self._settings = settings
        self._rule = rule(settings)
        self._threads = threads or _fitting(state)
        self._helpers = ThreadPoolExecutor(_MOST_THREADS)
        self.state = state

    def prepare(self, batches: Batches) -> tuple[Batches, Grouped]:
        """What `run` needs of the batches, in any number of epochs."""
        return batches, group(batches, self._settings.feature_dim)

    def run(self, prepared: tuple[Batches, Grouped]) -> FloatArray:
        """Update the state by each batch; raw scores of all their rows, pads too, float32."""
        batches, grouped = prepared
        state, settings = self.state, self._settings
        groups = (settings.bias, settings.linear, settings.factors)
        scores = np.empty(len(batches.labels), np.float32)
        shared = (
            batches,
            grouped,
            Parameters(state.bias, state.linear, state.factors),
            tuple(self._rates(group, batches.number) for group in groups),
            self._rule,
            settings.binary,
            *self._scratch(batches),
            scores,
        )
        helpers = [self._helpers.submit(run, *shared, thread) for thread in range(1, self._threads)]
        run(*shared, 0)
        for helper in helpers:
            helper.result()
        state.updates += batches.number
        return scores

    def _scratch(self, batches: Batches) -> tuple[Slopes, Turns]:
        size, passes = batches.size, 2 * batches.number
        return (
            Slopes(
                np.empty(size, np.float32),
                np.empty((size, self._settings.num_factors), np.float32),
            ),
            Turns(np.zeros(passes * self._threads, np.int64), np.zeros(passes, np.int64)),
        )

    def _rates(self, group: Group, batches: int) -> Rates:
        """The group's rates with one `lr` per batch, (batches,)."""
        done = self.state.updates
        each = [rates(group, done + batch + 1).lr for batch in range(batches)]
        return Rates(np.array(each, np.float32), np.float32(group.wd))


def _fitting(state: State) -> int:
    """How many threads pay off for the state."""
    return min(_processors(), _MOST_THREADS) if state.factors.nbytes >= _LEAST_SHARED else 1


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
