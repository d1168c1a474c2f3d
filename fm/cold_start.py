"""A user whom the model does not know: the average of those whom it does, as one more feature."""

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp

from fm.arrays import CsrRows, Numbers
from fm.model import Model
from fm.scoring import raw_scores


def with_average(model: Model, batches: Iterable[CsrRows], weights: Numbers) -> Model:
    """Return the model with one more feature, column d, that stands for the average of rows.

    The raw score of this feature with any item, and with any context, is the weighted mean of the
    raw scores that the rows get with it: an item scores as high for an unknown user as it does
    for all users on average.

    Args:
        model: A model of d features.
        batches: Feature rows of the n known users, CSR, shapes (., d), of which one batch at a time
            is in memory.
        weights: How much each row counts, shape (n,), not all zero.

    Returns:
        The model of d + 1 features.

    Raises:
        ValueError: The rows are not as wide as the model, or not as many as the weights.
    """
    shares = np.asarray(weights, np.float64) / np.sum(weights)
    linear, features, done = 0.0, np.zeros(model.feature_dim), 0
    for rows in batches:
        share = shares[done : done + rows.shape[0]]
        raw = raw_scores(model, rows).astype(np.float64) - model.bias
        linear += float(share @ raw)
        features += np.asarray(rows.T @ share)
        done += rows.shape[0]
    if done != len(shares):
        raise ValueError(f"there are {done} rows and {len(shares)} weights")
    return Model(
        model.bias,
        np.append(model.linear, np.float32(linear)),
        np.vstack([model.factors, (features @ model.factors).astype(np.float32)]),
        model.predictor_type,
    )


def widened(rows: CsrRows) -> CsrRows:
    """Return rows with room for the average's column.

    Args:
        rows: Feature rows, CSR, shape (n, d).

    Returns:
        The same entries, CSR, shape (n, d + 1); shares the arrays of `rows`.
    """
    shape = (rows.shape[0], rows.shape[1] + 1)
    return sp.csr_array((rows.data, rows.indices, rows.indptr), shape=shape)


def average_row(feature_dim: int) -> CsrRows:
    """Return the row that has the average's feature alone.

    Args:
        feature_dim: Number of features without the average, d.

    Returns:
        CSR, shape (1, d + 1).
    """
    return sp.csr_array((np.ones(1, np.float32), [feature_dim], [0, 1]), shape=(1, feature_dim + 1))
