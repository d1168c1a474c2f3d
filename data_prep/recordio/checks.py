"""Checks of matrices before they are written: what Factorization Machines cannot be trained on."""

from typing import cast

import numpy as np
import scipy.sparse as sp

from data_prep.arrays import CsrRows, FeatureMatrix, Float32s, Integers
from data_prep.errors import InputError
from data_prep.recordio import varint
from data_prep.recordio.blocks import row_blocks, spans
from data_prep.recordio.record_layout import LARGEST_PAYLOAD

_KEY_BYTES = 5  # as many as a key takes up to 2**35 columns
_OVERHEAD = 128  # the bytes of a record beside its values and keys, at most


def check_type(features: FeatureMatrix) -> "CsrRows | Float32s":
    """Return the features, sparse ones as CSR.

    Raises:
        InputError: they are no scipy.sparse matrix or numpy array, or not two-dimensional float32.
    """
    if not sp.issparse(features) and not isinstance(features, np.ndarray):
        raise InputError(
            f"features must be a scipy.sparse matrix or a numpy array, not {_type_name(features)}"
        )
    if features.ndim != 2 or features.dtype != np.float32:
        raise InputError(
            f"features must be two-dimensional float32, not {features.ndim}-dimensional "
            f"{features.dtype}",
            fix="Factorization Machines reads float32 alone: use .astype('float32')",
        )
    return features if isinstance(features, np.ndarray) else cast("CsrRows", features.tocsr())


def check_labels(labels: Float32s | None, rows: int) -> None:
    """Refuse labels that are not one finite float32 for each of the `rows`.

    Raises:
        InputError: another type, shape or length, or a label that is not finite, with its row.
    """
    if labels is None:
        return
    if not isinstance(labels, np.ndarray):
        raise InputError(
            f"labels must be a numpy array, not {_type_name(labels)}",
            fix="A pandas Series would be matched by its index: pass .to_numpy()",
        )
    if labels.ndim != 1 or labels.dtype != np.float32:
        raise InputError(
            f"labels must be one-dimensional float32, not {labels.ndim}-dimensional {labels.dtype}",
            fix="Use labels.ravel().astype('float32')",
        )
    if len(labels) != rows:
        raise InputError(f"there are {len(labels)} labels for {rows} rows")
    row = _first_not_finite(labels)
    if row is not None:
        raise InputError(f"the label of row {row} is not finite", value=str(labels[row]))


def check_sparse(features: CsrRows, most_values: int) -> None:
    """Refuse what scipy does not check and the algorithm does not forgive.

    Args:
        features: (n, d).
        most_values: as many values as a row has at most.

    Raises:
        InputError: a value is not finite, a column is out of range or twice in a row, or a row is
            too long for a record; with row and column.
    """
    _check_payload(most_values * (4 + _KEY_BYTES))
    stored, columns = int(features.indptr[-1]), features.shape[1]
    indices, data = features.indices[:stored], features.data[:stored]  # scipy allows for more
    if not 1 <= columns <= varint.LARGEST + 1:
        raise InputError(f"features has {columns} columns; from 1 to 2**56 can be written")
    if len(indices) and (indices.min() < 0 or indices.max() >= columns):
        wrong = int(np.flatnonzero((indices < 0) | (indices >= columns))[0])
        row = int(np.searchsorted(features.indptr, wrong, "right")) - 1
        raise InputError(f"row {row} has column {indices[wrong]} of {columns}")
    wrong_value = _first_not_finite(data)
    if wrong_value is not None:
        row = int(np.searchsorted(features.indptr, wrong_value, "right")) - 1
        raise InputError(
            f"row {row}, column {indices[wrong_value]} is not finite", value=str(data[wrong_value])
        )
    if not features.has_canonical_format:
        for start, stop in row_blocks(features.shape[0], most_values):
            _check_duplicates(features.indptr[start : stop + 1], indices, start)


def check_dense(features: Float32s) -> None:
    """Refuse dense rows (n, d) that cannot be written.

    Raises:
        InputError: a value is not finite, or a row is too long for a record.
    """
    columns = features.shape[1]
    _check_payload(4 * columns)
    for start, stop in row_blocks(len(features), columns):
        wrong_value = _first_not_finite(features[start:stop].reshape(-1))
        if wrong_value is not None:
            row, column = start + wrong_value // columns, wrong_value % columns
            raise InputError(
                f"row {row}, column {column} is not finite", value=str(features[row, column])
            )


def _check_duplicates(indptr: Integers, indices: Integers, first: int) -> None:
    """Raise when a row has a column twice: the algorithm would count it as two features.

    Args:
        indptr: (n + 1,), of rows that begin with the row `first`.
        indices: (nnz,), the columns of all rows.
        first: the number of the first row.
    """
    row = np.repeat(np.arange(first, first + len(indptr) - 1), np.diff(indptr))
    indices = indices[indptr[0] : indptr[-1]]
    order = np.lexsort((indices, row))
    row, column = row[order], indices[order]
    twice = (row[1:] == row[:-1]) & (column[1:] == column[:-1])
    if twice.any():
        place = int(np.argmax(twice))
        raise InputError(
            f"row {row[place]} has column {column[place]} twice",
            fix="Add them up first: features.sum_duplicates()",
        )


def _check_payload(size: int) -> None:
    if size + _OVERHEAD > LARGEST_PAYLOAD:
        raise InputError("a row has more values than a record can hold (2**29 bytes)")


def _first_not_finite(values: Float32s) -> int | None:
    """Return the index in `values` (n,) of the first NaN or infinity."""
    for part in spans(len(values)):
        finite = np.isfinite(values[part])
        if not finite.all():
            return int(part.start + np.argmin(finite))
    return None


def _type_name(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
