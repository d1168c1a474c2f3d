"""The fast training engine for sparse rows: Numba's kernels, compiled once and cached."""

import numpy as np

from local.fm import kernels
from local.fm.adam import Rates, rates, rule
from local.fm.batches import Batches, FloatArray
from local.fm.hyperparameters import Group, Hyperparameters
from local.fm.kernels import Grouped
from local.fm.state import State


class NumbaEngine:
    """Updates a state as `NumpyEngine` does, many times as fast."""

    def __init__(self, settings: Hyperparameters, state: State) -> None:
        self._settings = settings
        self._rule = rule(settings)
        self._number = np.full(settings.feature_dim, -1, np.int64)
        self.state = state

    def prepare(self, batches: Batches) -> tuple[Batches, Grouped]:
        """What `run` needs of the batches, in any number of epochs."""
        return batches, kernels.group(batches, self._number)

    def run(self, prepared: tuple[Batches, Grouped]) -> FloatArray:
        """Update the state by each batch; raw scores of all their rows, pads too, float32."""
        batches, grouped = prepared
        state, settings = self.state, self._settings
        groups = (settings.bias, settings.linear, settings.factors)
        scores: FloatArray = kernels.run(
            batches,
            grouped,
            state.bias,
            state.linear,
            state.factors,
            tuple(self._rates(group, batches.number) for group in groups),
            self._rule,
            settings.binary,
        )
        state.updates += batches.number
        return scores

    def _rates(self, group: Group, batches: int) -> Rates:
        """The group's rates with one `lr` per batch, (batches,)."""
        done = self.state.updates
        each = [rates(group, done + batch + 1).lr for batch in range(batches)]
        return Rates(np.array(each, np.float32), np.float32(group.wd))
