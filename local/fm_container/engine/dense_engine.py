"""The training engine for dense rows: every feature moves in every update.

The container builds another network when the first record has no keys; its gradients are dense,
so that weight decay and moments act on all features, also on those that are zero in the batch.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from fm.arrays import Float32s
from fm.scoring import sigmoid
from local.fm_container.engine.adam import constants_of, step, step_rates
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.protocol import Run
from local.fm_container.engine.state import VALUE, State
from local.fm_container.hyperparameters import Hyperparameters


class DenseBatch(NamedTuple):
    """One batch.

    Attributes:
        rows: The real rows, without pads, shape (n, d).
        labels: Of all rows, shape (n + pads,).
    """

    rows: Float32s
    labels: Float32s


class DenseEngine:
    """Updates a state by dense matrix products."""

    def __init__(self, settings: Hyperparameters, state: State) -> None:
        self._settings = settings
        self._constants = constants_of(settings)
        self.state = state

    def prepare(self, batches: Batches) -> Run:
        """Return what runs the batches; see `Engine.prepare`."""
        return partial(self._run, [self._batch(batches, at) for at in range(batches.number)])

    def _run(self, batches: list[DenseBatch]) -> Float32s:
        return np.concatenate([self._update(*batch) for batch in batches])

    def _update(self, x: Float32s, labels: Float32s) -> Float32s:
        state = self.state
        factors = state.factors[:, VALUE]
        x_squared = np.square(x)
        sums = x @ factors
        squares = x_squared @ np.einsum("df,df->d", factors, factors)
        scores = np.full(len(labels), state.bias[0, VALUE], np.float32)
        scores[: len(x)] += x @ state.linear[:, VALUE]
        scores[: len(x)] += np.float32(0.5) * (np.einsum("nf,nf->n", sums, sums) - squares)
        errors = (sigmoid(scores) if self._settings.binary else scores) - labels  # dLoss/dScore
        real = errors[: len(x)]
        gradient = x.T @ (real[:, None] * sums) - (x_squared.T @ real)[:, None] * factors
        state.updates += 1
        self._move("bias", errors.sum(keepdims=True))
        self._move("linear", x.T @ real)
        self._move("factors", gradient)
        return scores

    def _move(self, name: str, gradient: Float32s) -> None:
        parameters: Float32s = getattr(self.state, name)
        rates = step_rates(getattr(self._settings, name), self.state.updates)
        parameters[:] = step(parameters, gradient, rates, self._constants)

    def _batch(self, batches: Batches, number: int) -> DenseBatch:
        low, high = number * batches.size, (number + 1) * batches.size
        count = min(batches.size, batches.records - low)
        indptr = batches.indptr[low : low + count + 1]
        entries = slice(indptr[0], indptr[-1])
        rows = np.zeros((count, self._settings.feature_dim), np.float32)
        row = np.repeat(np.arange(count), np.diff(indptr))
        rows[row, batches.columns[entries]] = batches.values[entries]
        return DenseBatch(rows, batches.labels[low:high])
