"""The fast training engine for sparse rows: Numba's kernels on every processor."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from fm.arrays import Float32s
from local.fm_container.engine.adam import constants_of, step_rates
from local.fm_container.engine.batch_loop import BatchRates, ChunkCounters, run
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.grouping import FeatureGroups, group_by_feature
from local.fm_container.engine.kernels import Parameters, RowTerms
from local.fm_container.engine.protocol import Run
from local.fm_container.engine.state import State
from local.fm_container.hyperparameters import Hyperparameters, ParameterGroup

_MOST_THREADS = 8
_LEAST_SHARED = 1 << 25  # bytes of parameters: below, a second thread costs more than it saves


class NumbaEngine:
    """Updates a state as `NumpyEngine` does, many times as fast.

    The number of threads does not change the numbers.
    """

    def __init__(self, settings: Hyperparameters, state: State, threads: int = 1) -> None:
        self._settings = settings
        self._constants = constants_of(settings)
        self._threads = threads
        self.state = state

    def prepare(self, batches: Batches) -> Run:
        """Return what runs the batches; see `Engine.prepare`."""
        groups = group_by_feature(batches, self._settings.feature_dim)
        return partial(self._run, batches, groups)

    def _run(self, batches: Batches, groups: FeatureGroups) -> Float32s:
        state, settings = self.state, self._settings
        rates = (
            self._rates(settings.bias, batches.number),
            self._rates(settings.linear, batches.number),
            self._rates(settings.factors, batches.number),
        )
        scores = np.empty(len(batches.labels), np.float32)
        shared = (
            batches,
            groups,
            Parameters(state.bias, state.linear, state.factors),
            rates,
            self._constants,
            settings.binary,
            *self._scratch(batches),
            scores,
        )
        with ThreadPoolExecutor(self._threads) as pool:  # starts a thread for each that is needed
            helpers = [pool.submit(run, *shared, thread) for thread in range(1, self._threads)]
            run(*shared, 0)
            for helper in helpers:
                helper.result()
        state.updates += batches.number
        return scores

    def _scratch(self, batches: Batches) -> tuple[RowTerms, ChunkCounters]:
        size, phases = batches.size, 2 * batches.number
        return (
            RowTerms(
                np.empty(size, np.float32),
                np.empty((size, self._settings.num_factors), np.float32),
            ),
            ChunkCounters(np.zeros(phases * self._threads, np.int64), np.zeros(phases, np.int64)),
        )

    def _rates(self, group: ParameterGroup, batches: int) -> BatchRates:
        done = self.state.updates
        each = [step_rates(group, done + batch + 1).lr for batch in range(batches)]
        return BatchRates(np.array(each, np.float32), np.float32(group.wd))


def threads_for(state: State) -> int:
    """Return one, or as many threads as there are processors when the state outgrows caches."""
    return min(_processors(), _MOST_THREADS) if state.factors.nbytes >= _LEAST_SHARED else 1


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
