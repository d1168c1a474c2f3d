"""Someone whom the model does not know: the average of those whom it does, as one more feature."""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from fm.model import Model
from fm.scoring import raw_scores


def with_average(model: Model, rows: Any, weights: npt.NDArray[Any]) -> Model:
    """The model with a feature more, column d: the average of the CSR `rows`, shape (n, d).

    `weights`, shape (n,), not all zero, say how much each row counts. The raw score of that feature
    with any item, and with any context, is the weighted mean of the raw scores that the rows get
    with it: as high as the item is for everyone, which is what is known of nobody in particular.
    """
    shares = np.asarray(weights, np.float64) / np.sum(weights)
    own = raw_scores(model, rows).astype(np.float64) - model.bias
    vectors = np.asarray(rows @ model.factors, np.float64)
    return Model(
        model.bias,
        np.append(model.linear, np.float32(shares @ own)),
        np.vstack([model.factors, (shares @ vectors).astype(np.float32)]),
        model.predictor_type,
    )


def widened(rows: Any) -> Any:
    """The CSR `rows`, shape (n, d), with room for the average's column: shape (n, d + 1)."""
    shape = (rows.shape[0], rows.shape[1] + 1)
    return sp.csr_array((rows.data, rows.indices, rows.indptr), shape=shape)


def average_row(feature_dim: int) -> Any:
    """The row, shape (1, d + 1), that has the average's feature alone; `feature_dim` is d."""
    return sp.csr_array(([np.float32(1)], [feature_dim], [0, 1]), shape=(1, feature_dim + 1))
