"""The best that linear terms alone can do: a factorization machine without factors.

Ridge regression, logistic for a classifier, fitted by Newton's method; each step is solved by
conjugate gradients on the sparse rows, so nothing of size d x d is ever made.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from fm.model import BINARY, Model

RIDGE = 5.0  # a feature with fewer rows than this counts as mostly average
_NEWTON_STEPS = 8
_GRADIENT_STEPS = 50
_TOLERANCE = 1e-6
Floats = npt.NDArray[np.float64]


def fit(rows: Any, labels: npt.NDArray[Any], predictor_type: str, ridge: float = RIDGE) -> Model:
    """Return the model with bias and linear terms only, and one factor that is zero.

    `rows` is a CSR array of shape (n, d), `labels` of shape (n,). Minimises the log likelihood's
    negative (classifier) or half the squared error (regressor), summed over the rows, plus
    ridge/2 |w|^2; the bias is free.
    """
    x = sp.csr_array((rows.data.astype(np.float64), rows.indices, rows.indptr), rows.shape)
    squares = sp.csr_array((x.data**2, rows.indices, rows.indptr), rows.shape)
    y = labels.astype(np.float64)
    binary = predictor_type == BINARY
    bias, linear = 0.0, np.zeros(rows.shape[1])
    for _ in range(_NEWTON_STEPS if binary else 1):
        raw = bias + x @ linear
        expected = 1 / (1 + np.exp(-np.clip(raw, -30, 30))) if binary else raw
        curvature = np.maximum(expected * (1 - expected), 1e-6) if binary else np.ones(len(y))
        residual = y - expected
        gradient = _pack(residual.sum(), x.T @ residual - ridge * linear)

        def hessian(v: Floats, curvature: Floats = curvature) -> Floats:
            moved = curvature * (v[0] + x @ v[1:])
            return _pack(moved.sum(), x.T @ moved + ridge * v[1:])

        diagonal = _pack(curvature.sum(), squares.T @ curvature + ridge)
        step = _solve(hessian, gradient, diagonal)
        bias, linear = bias + float(step[0]), linear + step[1:]
        if np.abs(step).max() < _TOLERANCE:
            break
    no_factors = np.zeros((len(linear), 1), np.float32)
    return Model(bias, linear.astype(np.float32), no_factors, predictor_type)


def _pack(bias: float, linear: Floats) -> Floats:
    return np.concatenate(([bias], linear))


def _solve(product: Callable[[Floats], Floats], wanted: Floats, diagonal: Floats) -> Floats:
    """Solve product(v) = wanted by conjugate gradients, preconditioned by the diagonal."""
    solution = np.zeros_like(wanted)
    residual = wanted.copy()
    scaled = residual / diagonal
    direction, power = scaled, residual @ scaled
    for _ in range(_GRADIENT_STEPS):
        if power <= _TOLERANCE**2:
            break
        ahead = product(direction)
        length = power / (direction @ ahead)
        solution = solution + length * direction
        residual = residual - length * ahead
        scaled = residual / diagonal
        power, before = residual @ scaled, power
        direction = scaled + power / before * direction
    return solution
