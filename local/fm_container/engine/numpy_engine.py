"""The training engine in numpy and scipy alone, for sparse rows: the readable one.

Only features that occur in a batch move ("lazy update").
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import sparse

from fm.arrays import CsrRows, Float32s, Uint32s
from fm.scoring import sigmoid
from local.fm_container.engine.adam import constants_of, step, step_rates
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.protocol import Run
from local.fm_container.engine.state import VALUE, State
from local.fm_container.hyperparameters import Hyperparameters


class SparseBatch(NamedTuple):
    """One batch.

    Attributes:
        features: Those that occur in the batch, ascending, shape (features,).
        rows: The batch's rows over these features alone, CSR, shape (rows, features).
        labels: Shape (rows,).
    """

    features: Uint32s
    rows: CsrRows
    labels: Float32s


class NumpyEngine:
    """Updates a state by scipy's sparse products."""

    def __init__(self, settings: Hyperparameters, state: State) -> None:
        self._settings = settings
        self._constants = constants_of(settings)
        self.state = state

    def prepare(self, batches: Batches) -> Run:
        """Return what runs the batches; see `Engine.prepare`."""
        return partial(self._run, [_batch(batches, number) for number in range(batches.number)])

    def _run(self, batches: list[SparseBatch]) -> Float32s:
        return np.concatenate([self._update(*batch) for batch in batches])

    def _update(self, features: Uint32s, x: CsrRows, labels: Float32s) -> Float32s:
        state = self.state
        linear, factors = state.linear[features, VALUE], state.factors[features, VALUE]
        # not x.power(2): that would add up a feature that a row has twice, which MXNet does not
        x_squared = sparse.csr_array((np.square(x.data), x.indices, x.indptr), shape=x.shape)
        sums = x @ factors
        squares = x_squared @ np.einsum("df,df->d", factors, factors)
        pairwise = np.float32(0.5) * (np.einsum("nf,nf->n", sums, sums) - squares)
        scores = np.asarray(state.bias[0, VALUE] + x @ linear + pairwise, np.float32)
        errors = (sigmoid(scores) if self._settings.binary else scores) - labels  # dLoss/dScore
        gradient = x.T @ (errors[:, None] * sums) - (x_squared.T @ errors)[:, None] * factors
        state.updates += 1
        self._move("bias", np.zeros(1, np.uint32), errors.sum(keepdims=True))
        self._move("linear", features, x.T @ errors)
        self._move("factors", features, gradient)
        return scores

    def _move(self, name: str, features: Uint32s, gradient: Float32s) -> None:
        parameters: Float32s = getattr(self.state, name)
        rates = step_rates(getattr(self._settings, name), self.state.updates)
        parameters[features] = step(parameters[features], gradient, rates, self._constants)


def _batch(batches: Batches, number: int) -> SparseBatch:
    low, high = number * batches.size, (number + 1) * batches.size
    indptr = batches.indptr[low : high + 1]
    entries = slice(indptr[0], indptr[-1])
    features, columns = np.unique(batches.columns[entries], return_inverse=True)
    shape = (batches.size, len(features))
    rows = sparse.csr_array((batches.values[entries], columns, indptr - indptr[0]), shape=shape)
    return SparseBatch(features, rows, batches.labels[low:high])
