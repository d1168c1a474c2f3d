"""Scores of feature rows, as the endpoint computes them, with numpy alone.

score(x) = w0 + w.x + 1/2 sum_f [ (V'x)_f^2 - sum_i x_i^2 V_if^2 ]   (Rendle, 2010, lemma 3.1)
"""

import numpy as np

from fm.arrays import CsrRows, Float32s, Integers
from fm.model import BINARY, Model

_GATHER_BYTES = 1 << 22  # the gathered factors of one block of rows stay in the cache


def raw_scores(model: Model, rows: CsrRows) -> Float32s:
    """Return the raw scores of feature rows: a classifier's log odds, a regressor's value.

    Args:
        model: The model.
        rows: Feature rows, CSR, shape (n, d).

    Returns:
        The scores, float32, shape (n,).

    Raises:
        ValueError: The rows are not as wide as the model.
    """
    if rows.shape[1] != model.feature_dim:
        raise ValueError(
            f"the rows have {rows.shape[1]} features, the model has {model.feature_dim}: "
            "encode them with the vocabulary that the model was trained on"
        )
    values = np.asarray(rows.data, np.float32)
    return score_entries(model, np.asarray(rows.indptr), np.asarray(rows.indices), values)


def scores(model: Model, rows: CsrRows) -> Float32s:
    """Return what the endpoint answers: the probability of label 1, or the regressor's value.

    Args:
        model: The model.
        rows: Feature rows, CSR, shape (n, d).

    Returns:
        The scores, float32, shape (n,).

    Raises:
        ValueError: The rows are not as wide as the model.
    """
    return link(model, raw_scores(model, rows))


def link(model: Model, raw: Float32s) -> Float32s:
    """Return raw scores as the endpoint reports them: through a sigmoid for a classifier.

    Args:
        model: The model that gave the scores.
        raw: Raw scores, float32, any shape.

    Returns:
        The endpoint's scores, float32, of the same shape.
    """
    return sigmoid(raw) if model.predictor_type == BINARY else raw


def sigmoid(raw: Float32s) -> Float32s:
    """Return 1 / (1 + exp(-x)) of each element in float32, without overflow at either end."""
    decay = np.exp(-np.abs(raw))
    numerator = np.where(raw >= 0, np.float32(1), decay)
    return np.asarray(numerator / (1 + decay), np.float32)


def score_entries(model: Model, indptr: Integers, indices: Integers, values: Float32s) -> Float32s:
    """Return the `raw_scores` of the arrays of a CSR matrix, without scipy's overhead.

    Args:
        model: The model.
        indptr: Where each row's entries begin and end, shape (n + 1,).
        indices: The entries' features, shape (entries,); the caller has checked that they are
            at least 0 and less than the model's `feature_dim`.
        values: The entries' values, float32, shape (entries,).

    Returns:
        The raw scores, float32, shape (n,).
    """
    entries = np.diff(indptr)
    count = len(entries)
    if not count:
        return np.zeros(0, np.float32)
    per_row = int(entries[0])
    step = max(1, _GATHER_BYTES // (4 * max(1, int(entries.max())) * model.num_factors))
    if per_row and (entries == per_row).all():
        blocks = [
            _score_equally_long(model, indices[at : at + step * per_row], values[at:], per_row)
            for at in range(0, count * per_row, step * per_row)
        ]
    else:
        blocks = [
            _score_any_length(model, indptr[at : at + step + 1], indices, values)
            for at in range(0, count, step)
        ]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _score_equally_long(
    model: Model, indices: Integers, values: Float32s, per_row: int
) -> Float32s:
    """Score the rows of `indices`, each of which has `per_row` entries."""
    x = values[: len(indices)]
    factors = model.factors.take(indices, 0)
    linear = model.linear.take(indices)
    if not (x == 1).all():
        factors *= x[:, None]
        linear = linear * x
    rows = factors.reshape(-1, per_row, model.num_factors)
    pairwise: Float32s
    if per_row == 1:
        pairwise = np.zeros(len(rows), np.float32)
    elif per_row == 2:
        pairwise = np.einsum("nf,nf->n", rows[:, 0], rows[:, 1])
    else:
        sums = rows.sum(1)
        pairwise = np.float32(0.5) * (
            np.einsum("nf,nf->n", sums, sums) - np.einsum("nif,nif->n", rows, rows)
        )
    score: Float32s = np.float32(model.bias) + linear.reshape(-1, per_row).sum(1) + pairwise
    return score


def _score_any_length(
    model: Model, indptr: Integers, indices: Integers, values: Float32s
) -> Float32s:
    """Score the rows of `indptr`, which may be empty."""
    first, last = int(indptr[0]), int(indptr[-1])
    result = np.full(len(indptr) - 1, model.bias, np.float32)
    filled = np.flatnonzero(np.diff(indptr))
    if not len(filled):
        return result
    starts = indptr[:-1][filled] - first
    columns, x = indices[first:last], values[first:last]
    factors = model.factors.take(columns, 0) * x[:, None]
    sums = np.add.reduceat(factors, starts, 0)
    squares = np.add.reduceat(np.einsum("ef,ef->e", factors, factors), starts)
    linear = np.add.reduceat(model.linear.take(columns) * x, starts)
    result[filled] += linear + np.float32(0.5) * (np.einsum("nf,nf->n", sums, sums) - squares)
    return result
