"""Writes matrices as RecordIO-protobuf, the training data of SageMaker's algorithms.

The bytes are those of SageMaker Python SDK 2's `write_spmatrix_to_sparse_tensor` and
`write_numpy_to_dense_tensor` for float32 data; what those accept and Factorization Machines does
not (other types, NaN, misaligned labels) is refused. Format:
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.recordio import varint
from data_prep.recordio.block_writer import encode, encode_dense
from data_prep.recordio.record_layout import LARGEST_PAYLOAD

ROWS_AT_ONCE = 1 << 15  # at two or three values a row, a block of output stays in the cache
VALUES_AT_ONCE = 1 << 20


def write(file: BinaryIO, features: Any, labels: NDArray[np.float32] | None = None) -> None:
    """Append one record per row of `features` to `file`.

    features: (n, d) float32, a scipy.sparse matrix or array (written with keys and shape, explicit
    zeros and the order of the columns kept) or a dense numpy array (written as values alone).
    labels: (n,) float32 numpy array, or None for records without a label.

    Writes in blocks: beyond the input it takes a few tens of megabytes at any number of rows.
    Everything is checked before the first byte is written; raises InputError.
    """
    sparse = sp.issparse(features)
    if not sparse and not isinstance(features, np.ndarray):
        raise InputError(
            f"features must be a scipy.sparse matrix or a numpy array, not {_name(features)}"
        )
    if features.ndim != 2 or features.dtype != np.float32:
        raise InputError(
            f"features must be two-dimensional float32, not {features.ndim}-dimensional "
            f"{features.dtype}",
            fix="Factorization Machines reads float32 alone: use .astype('float32')",
        )
    _check_labels(labels, features.shape[0])
    if sparse:
        _write_sparse(file, features.tocsr(), labels)
    else:
        _write_dense(file, features, labels)


def _write_sparse(file: BinaryIO, features: Any, labels: NDArray[np.float32] | None) -> None:
    indptr = features.indptr
    widest = max((int(np.diff(indptr[part]).max()) for part in _spans(len(indptr), 1)), default=0)
    _check_payload(widest * (4 + 5))
    _check_sparse(features, widest)
    for start, stop in _blocks(features.shape[0], widest):
        chosen = slice(indptr[start], indptr[stop])
        block = encode(
            indptr[start : stop + 1],
            features.indices[chosen],
            np.ascontiguousarray(features.data[chosen]),
            None if labels is None else labels[start:stop],
            features.shape[1],
        )
        file.write(block.data)


def _write_dense(
    file: BinaryIO, features: NDArray[np.float32], labels: NDArray[np.float32] | None
) -> None:
    columns = features.shape[1]
    _check_payload(4 * columns)
    for start, stop in _blocks(len(features), columns):
        place = _first_not_finite(features[start:stop].reshape(-1))
        if place is not None:
            row, column = start + place // columns, place % columns
            raise InputError(
                f"row {row}, column {column} is not finite", value=str(features[row, column])
            )
    for start, stop in _blocks(len(features), columns):
        some = None if labels is None else labels[start:stop]
        file.write(encode_dense(features[start:stop], some).data)


def _blocks(rows: int, widest: int) -> Iterator[tuple[int, int]]:
    """Where blocks of rows start and stop, of which none has more than `widest` values."""
    step = max(1, min(ROWS_AT_ONCE, VALUES_AT_ONCE // max(widest, 1)))
    for start in range(0, rows, step):
        yield start, min(start + step, rows)


def _spans(length: int, overlap: int = 0) -> Iterator[slice]:
    """Parts of an array to look at, so that what is made of them is small at any length."""
    for start in range(0, length - overlap, VALUES_AT_ONCE):
        yield slice(start, start + VALUES_AT_ONCE + overlap)


def _first_not_finite(values: NDArray[np.float32]) -> int | None:
    """The first place in `values` (n,) of NaN or an infinity."""
    for part in _spans(len(values)):
        finite = np.isfinite(values[part])
        if not finite.all():
            return int(part.start + np.argmin(finite))
    return None


def _check_labels(labels: Any, rows: int) -> None:
    if labels is None:
        return
    if not isinstance(labels, np.ndarray):
        raise InputError(
            f"labels must be a numpy array, not {_name(labels)}",
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


def _check_sparse(features: Any, widest: int) -> None:
    """Raise for what scipy does not check and the algorithm does not forgive."""
    stored, columns = int(features.indptr[-1]), features.shape[1]
    indices, data = features.indices[:stored], features.data[:stored]  # scipy allows for more
    if not 1 <= columns <= varint.LARGEST + 1:
        raise InputError(f"features has {columns} columns; from 1 to 2**56 can be written")
    if len(indices) and (indices.min() < 0 or indices.max() >= columns):
        wrong = int(np.flatnonzero((indices < 0) | (indices >= columns))[0])
        row = int(np.searchsorted(features.indptr, wrong, "right")) - 1
        raise InputError(f"row {row} has column {indices[wrong]} of {columns}")
    place = _first_not_finite(data)
    if place is not None:
        row = int(np.searchsorted(features.indptr, place, "right")) - 1
        raise InputError(
            f"row {row}, column {indices[place]} is not finite", value=str(data[place])
        )
    if not features.has_canonical_format:
        for start, stop in _blocks(features.shape[0], widest):
            _check_duplicates(features.indptr[start : stop + 1], indices, start)


def _check_duplicates(indptr: NDArray[Any], indices: NDArray[Any], first: int) -> None:
    """Raise when a row has a column twice: the algorithm would count it as two features.

    indptr (n+1,): of rows that begin with the row `first`.
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
    if size + 128 > LARGEST_PAYLOAD:
        raise InputError("a row has more values than a record can hold (2**29 bytes)")


def _name(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
