"""The training engine for dense rows: every feature moves in every update.

The container builds another network when the first record has no keys; its gradients are dense,
so that weight decay and moments act on all features, also on those that are zero in the batch.
"""

from typing import NamedTuple

import numpy as np

from fm.scoring import sigmoid
from local.fm_container.engine.adam import rates, rule, step
from local.fm_container.engine.batches import Batches, FloatArray
from local.fm_container.engine.state import VALUE, State
from local.fm_container.hyperparameters import Hyperparameters


class Batch(NamedTuple):
    """One batch: rows (n, d), pads left out, and labels (n + pads,)."""

    rows: FloatArray
    labels: FloatArray


class DenseEngine:
    """Updates a state by dense matrix products."""

    def __init__(self, settings: Hyperparameters, state: State) -> None:
        self._settings = settings
        self._rule = rule(settings)
        self.state = state

    def prepare(self, batches: Batches) -> list[Batch]:
        """What `run` needs of the batches, in any number of epochs."""
        return [self._batch(batches, number) for number in range(batches.number)]

    def run(self, prepared: list[Batch]) -> FloatArray:
        """Update the state by each batch; raw scores of all their rows, pads too, float32."""
        return np.concatenate([self._update(*batch) for batch in prepared])

    def _update(self, x: FloatArray, labels: FloatArray) -> FloatArray:
        state = self.state
        factors = state.factors[:, VALUE]
        squares = np.square(x)
        sums = x @ factors
        own = squares @ np.einsum("df,df->d", factors, factors)
        scores = np.full(len(labels), state.bias[0, VALUE], np.float32)
        scores[: len(x)] += x @ state.linear[:, VALUE]
        scores[: len(x)] += np.float32(0.5) * (np.einsum("nf,nf->n", sums, sums) - own)
        errors = (sigmoid(scores) if self._settings.binary else scores) - labels
        slopes = errors[: len(x)]
        gradient = x.T @ (slopes[:, None] * sums) - (squares.T @ slopes)[:, None] * factors
        state.updates += 1
        self._move("bias", errors.sum(keepdims=True))
        self._move("linear", x.T @ slopes)
        self._move("factors", gradient)
        return scores

    def _move(self, name: str, gradient: FloatArray) -> None:
        moved: FloatArray = getattr(self.state, name)
        speed = rates(getattr(self._settings, name), self.state.updates)
        moved[:] = step(moved, gradient, speed, self._rule)

    def _batch(self, batches: Batches, number: int) -> Batch:
        low, high = number * batches.size, (number + 1) * batches.size
        real = min(batches.size, batches.records - low)
        indptr = batches.indptr[low : low + real + 1]
        entries = slice(indptr[0], indptr[-1])
        rows = np.zeros((real, self._settings.feature_dim), np.float32)
        row = np.repeat(np.arange(real), np.diff(indptr))
        rows[row, batches.columns[entries]] = batches.values[entries]
        return Batch(rows, batches.labels[low:high])
