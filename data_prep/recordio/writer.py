"""Writes matrices as RecordIO-protobuf, the training data of SageMaker's algorithms.

The bytes are those of SageMaker Python SDK 2's `write_spmatrix_to_sparse_tensor` and
`write_numpy_to_dense_tensor` for float32 data; what those accept and Factorization Machines does
not (other types, NaN, misaligned labels) is refused. Format:
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
"""

from typing import BinaryIO

import numpy as np

from data_prep.arrays import CsrRows, FeatureMatrix, Float32s
from data_prep.recordio.block_writer import encode, encode_dense
from data_prep.recordio.blocks import most_values, row_blocks
from data_prep.recordio.checks import check_dense, check_labels, check_sparse, check_type


def write(file: BinaryIO, features: FeatureMatrix, labels: Float32s | None = None) -> None:
    """Append one record for each row of `features` to `file`.

    Everything is checked before the first byte is written. Writing takes a few tens of megabytes
    beyond the input, at any number of rows.

    Args:
        file: a binary file that is open for writing.
        features: (n, d) float32, a scipy.sparse matrix or array (written with keys and shape;
            explicit zeros and the order of the columns are kept) or a dense numpy array (written
            as values alone).
        labels: (n,) float32, or None for records without a label.

    Raises:
        InputError: the features are not two-dimensional float32, or not finite; a column is twice
            in a row; the labels are not float32, not finite, or not one for each row.
    """
    rows = check_type(features)
    check_labels(labels, rows.shape[0])
    if isinstance(rows, np.ndarray):
        _write_dense(file, rows, labels)
    else:
        _write_sparse(file, rows, labels)


def _write_sparse(file: BinaryIO, features: CsrRows, labels: Float32s | None) -> None:
    indptr = features.indptr
    most = most_values(indptr)
    check_sparse(features, most)
    for start, stop in row_blocks(features.shape[0], most):
        values = slice(indptr[start], indptr[stop])
        block = encode(
            indptr[start : stop + 1],
            features.indices[values],
            np.ascontiguousarray(features.data[values]),
            None if labels is None else labels[start:stop],
            features.shape[1],
        )
        file.write(block.data)


def _write_dense(file: BinaryIO, features: Float32s, labels: Float32s | None) -> None:
    check_dense(features)
    for start, stop in row_blocks(len(features), features.shape[1]):
        some_labels = None if labels is None else labels[start:stop]
        file.write(encode_dense(features[start:stop], some_labels).data)
