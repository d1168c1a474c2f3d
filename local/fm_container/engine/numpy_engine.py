"""The training engine in numpy and scipy alone, for sparse rows: the readable one.

An engine runs mini-batches through a `State` and returns the score of every row as it was before
its own batch's update. Only features that occur in a batch move ("lazy update").
"""

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from fm.scoring import sigmoid
from local.fm_container.engine.adam import rates, rule, step
from local.fm_container.engine.batches import Batches, ColumnArray, FloatArray
from local.fm_container.engine.state import VALUE, State
from local.fm_container.hyperparameters import Hyperparameters


class Batch(NamedTuple):
    """One batch: the features that occur, the rows over those alone (CSR), and the labels."""

    features: ColumnArray
    rows: Any
    labels: FloatArray


class NumpyEngine:
    """Updates a state by scipy's sparse products."""

    def __init__(self, settings: Hyperparameters, state: State) -> None:
        self._settings = settings
        self._rule = rule(settings)
        self.state = state

    def prepare(self, batches: Batches) -> list[Batch]:
        """What `run` needs of the batches, in any number of epochs."""
        return [_batch(batches, number) for number in range(batches.number)]

    def run(self, prepared: list[Batch]) -> FloatArray:
        """Update the state by each batch; raw scores of all their rows, pads too, float32."""
        return np.concatenate([self._update(*batch) for batch in prepared])

    def _update(self, features: ColumnArray, x: Any, labels: FloatArray) -> FloatArray:
        state = self.state
        linear, factors = state.linear[features, VALUE], state.factors[features, VALUE]
        # not x.power(2): that would add up a feature that a row has twice, which MXNet does not
        squares = sparse.csr_array((np.square(x.data), x.indices, x.indptr), shape=x.shape)
        sums = x @ factors
        own = squares @ np.einsum("df,df->d", factors, factors)
        pairwise = np.float32(0.5) * (np.einsum("nf,nf->n", sums, sums) - own)
        scores = np.asarray(state.bias[0, VALUE] + x @ linear + pairwise, np.float32)
        errors = (sigmoid(scores) if self._settings.binary else scores) - labels
        gradient = x.T @ (errors[:, None] * sums) - (squares.T @ errors)[:, None] * factors
        state.updates += 1
        self._move("bias", np.zeros(1, np.uint32), errors.sum(keepdims=True))
        self._move("linear", features, x.T @ errors)
        self._move("factors", features, gradient)
        return scores

    def _move(self, name: str, where: ColumnArray, gradient: FloatArray) -> None:
        moved: FloatArray = getattr(self.state, name)
        speed = rates(getattr(self._settings, name), self.state.updates)
        moved[where] = step(moved[where], gradient, speed, self._rule)


def _batch(batches: Batches, number: int) -> Batch:
    low, high = number * batches.size, (number + 1) * batches.size
    indptr = batches.indptr[low : high + 1]
    entries = slice(indptr[0], indptr[-1])
    features, columns = np.unique(batches.columns[entries], return_inverse=True)
    shape = (batches.size, len(features))
    rows = sparse.csr_array((batches.values[entries], columns, indptr - indptr[0]), shape=shape)
    return Batch(features, rows, batches.labels[low:high])
