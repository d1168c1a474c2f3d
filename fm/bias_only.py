"""The best that linear terms alone can do: a factorization machine without factors.

Ridge regression, logistic for a classifier, fitted by Newton's method; each step is solved by
conjugate gradients on the sparse rows, so nothing of size d x d is ever made.
"""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from fm.arrays import CsrRows, Float64s, Numbers
from fm.model import BINARY, Model

RIDGE = 5.0  # a feature with fewer rows than this counts as mostly average
_NEWTON_STEPS = 8
_GRADIENT_STEPS = 50
_TOLERANCE = 1e-6


def fit(rows: CsrRows, labels: Numbers, predictor_type: str, ridge: float = RIDGE) -> Model:
    """Fit a model with bias and linear terms only, and one factor that is zero.

    Minimises the negative log likelihood (classifier) or half the squared error (regressor),
    summed over the rows, plus ridge/2 |w|^2; the bias is not regularised.

    Args:
        rows: Feature rows, CSR, shape (n, d).
        labels: 0 or 1 for a classifier, any number for a regressor, shape (n,).
        predictor_type: "binary_classifier" or "regressor".
        ridge: Weight of the regularisation.

    Returns:
        The model, with d features.

    Raises:
        ValueError: The predictor type is unknown.
    """
    x = sp.csr_array((rows.data.astype(np.float64), rows.indices, rows.indptr), rows.shape)
    squares = sp.csr_array((x.data**2, rows.indices, rows.indptr), rows.shape)
    y = labels.astype(np.float64)
    binary = predictor_type == BINARY
    bias, linear = 0.0, np.zeros(rows.shape[1])
    for _ in range(_NEWTON_STEPS if binary else 1):
        raw = bias + np.asarray(x @ linear)
        expected = 1 / (1 + np.exp(-np.clip(raw, -30, 30))) if binary else raw
        curvature = np.maximum(expected * (1 - expected), 1e-6) if binary else np.ones(len(y))
        residual = y - expected
        gradient = _pack(residual.sum(), np.asarray(x.T @ residual) - ridge * linear)

        def hessian(v: Float64s, curvature: Float64s = curvature) -> Float64s:
            moved = curvature * (v[0] + np.asarray(x @ v[1:]))
            return _pack(moved.sum(), np.asarray(x.T @ moved) + ridge * v[1:])

        diagonal = _pack(curvature.sum(), np.asarray(squares.T @ curvature) + ridge)
        step = _solve(hessian, gradient, diagonal)
        bias, linear = bias + float(step[0]), linear + step[1:]
        if np.abs(step).max() < _TOLERANCE:
            break
    no_factors = np.zeros((len(linear), 1), np.float32)
    return Model(bias, linear.astype(np.float32), no_factors, predictor_type)


def _pack(bias: float, linear: Float64s) -> Float64s:
    return np.concatenate(([bias], linear))


def _solve(
    product: Callable[[Float64s], Float64s], target: Float64s, diagonal: Float64s
) -> Float64s:
    """Solve product(v) = target by conjugate gradients, preconditioned by the diagonal."""
    solution = np.zeros_like(target)
    residual = target.copy()
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
