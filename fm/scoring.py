"""Scores feature rows with a model, as the endpoint does, with numpy alone.

score(x) = w0 + w.x + 1/2 sum_f [ (V'x)_f^2 - sum_i x_i^2 V_if^2 ]   (Rendle, 2010, lemma 3.1)
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from fm.model import BINARY, FloatArray, Model

_GATHER_BYTES = 1 << 22  # the gathered factors of one block of rows stay in the cache


def raw_scores(model: Model, rows: Any) -> FloatArray:
    """Raw scores of the rows of a scipy CSR array of shape (n, d): float32, shape (n,).

    Raises ValueError when the rows are not as wide as the model.
    """
    if rows.shape[1] != model.feature_dim:
        raise ValueError(
            f"the rows have {rows.shape[1]} features, the model has {model.feature_dim}: "
            "encode them with the vocabulary that the model was trained on"
        )
    values = np.asarray(rows.data, np.float32)
    return score_entries(model, np.asarray(rows.indptr), np.asarray(rows.indices), values)


def scores(model: Model, rows: Any) -> FloatArray:
    """What the endpoint answers for the rows: probability of label 1, or the regressor's value."""
    return link(model, raw_scores(model, rows))


def link(model: Model, raw: FloatArray) -> FloatArray:
    """Raw scores as the endpoint reports them: through a sigmoid for a classifier."""
    return sigmoid(raw) if model.predictor_type == BINARY else raw


def sigmoid(raw: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)) in float32, without overflow at either end."""
    decay = np.exp(-np.abs(raw))
    numerator = np.where(raw >= 0, np.float32(1), decay)
    return np.asarray(numerator / (1 + decay), np.float32)


def score_entries(
    model: Model,
    indptr: npt.NDArray[np.integer[Any]],
    indices: npt.NDArray[np.integer[Any]],
    values: FloatArray,
) -> FloatArray:
    """`raw_scores` of CSR arrays whose indices the caller has checked: no scipy, least overhead.

    `indptr` has shape (n + 1,), `indices` and `values` (float32) one element per entry.
    """
    entries = np.diff(indptr)
    count = len(entries)
    if not count:
        return np.zeros(0, np.float32)
    width = int(entries[0])
    step = max(1, _GATHER_BYTES // (4 * max(1, int(entries.max())) * model.num_factors))
    if width and (entries == width).all():
        blocks = [
            _uniform(model, indices[start : start + step * width], values[start:], width)
            for start in range(0, count * width, step * width)
        ]
    else:
        blocks = [
            _ragged(model, indptr[start : start + step + 1], indices, values)
            for start in range(0, count, step)
        ]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _uniform(
    model: Model, indices: npt.NDArray[np.integer[Any]], values: FloatArray, width: int
) -> FloatArray:
    x = values[: len(indices)]
    factors = model.factors.take(indices, 0)
    linear = model.linear.take(indices)
    if not (x == 1).all():
        factors *= x[:, None]
        linear = linear * x
    rows = factors.reshape(-1, width, model.num_factors)
    pairwise: FloatArray
    if width == 1:
        pairwise = np.zeros(len(rows), np.float32)
    elif width == 2:
        pairwise = np.einsum("nf,nf->n", rows[:, 0], rows[:, 1])
    else:
        total = rows.sum(1)
        pairwise = np.float32(0.5) * (
            np.einsum("nf,nf->n", total, total) - np.einsum("nif,nif->n", rows, rows)
        )
    score: FloatArray = np.float32(model.bias) + linear.reshape(-1, width).sum(1) + pairwise
    return score


def _ragged(
    model: Model,
    indptr: npt.NDArray[np.integer[Any]],
    indices: npt.NDArray[np.integer[Any]],
    values: FloatArray,
) -> FloatArray:
    first, last = int(indptr[0]), int(indptr[-1])
    result = np.full(len(indptr) - 1, model.bias, np.float32)
    filled = np.flatnonzero(np.diff(indptr))
    if not len(filled):
        return result
    starts = indptr[:-1][filled] - first
    columns, x = indices[first:last], values[first:last]
    factors = model.factors.take(columns, 0) * x[:, None]
    total = np.add.reduceat(factors, starts, 0)
    own = np.add.reduceat(np.einsum("ef,ef->e", factors, factors), starts)
    linear = np.add.reduceat(model.linear.take(columns) * x, starts)
    result[filled] += linear + np.float32(0.5) * (np.einsum("nf,nf->n", total, total) - own)
    return result
