"""A row for whom the model does not know: the average over those whom it does."""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp


def average_row(rows: Any, weights: npt.NDArray[Any]) -> Any:
    """The weighted mean of the CSR `rows`, shape (n, d), as a CSR array of shape (1, d), float32.

    The score is linear in the context part of a row but for a term that all items share. So the
    average user's row ranks the items exactly by their mean raw score over all users, each weighted
    by `weights`, shape (n,), not all zero: a prior, to which a session's context can be added.
    """
    shares = np.asarray(weights, np.float64) / np.sum(weights)
    mean = np.asarray(rows.T @ shares, np.float32)
    return sp.csr_array(mean[None, :])
