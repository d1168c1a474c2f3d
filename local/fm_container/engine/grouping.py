"""The entries of each mini-batch by feature, which is how the compiled loops gather gradients."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from fm.arrays import Float32s, Int64s, Uint32s
from local.fm_container.engine.batches import Batches


class FeatureGroups(NamedTuple):
    """The entries of each batch grouped by feature.

    Features are in ascending order, and entries in file order within a feature. Batch b has the
    features `features[starts[b]:starts[b + 1]]`; the entries of feature number u are those in
    `bounds[u]:bounds[u + 1]`.

    Attributes:
        starts: Shape (batches + 1,).
        features: Shape (features,); one that occurs in several batches is there several times.
        bounds: Shape (features + 1,).
        rows: The entries' row in the batch, shape (entries,).
        values: The entries' value, shape (entries,).
    """

    starts: Int64s
    features: Uint32s
    bounds: Int64s
    rows: Uint32s
    values: Float32s


def group_by_feature(batches: Batches, feature_dim: int) -> FeatureGroups:
    """Group the entries of all batches by batch, then by feature.

    Two stable sorts do it in linear time.
    """
    entries = np.arange(len(batches.columns))
    shape = (len(batches.labels), feature_dim)
    by_row = sparse.csr_array((entries, batches.columns, batches.indptr), shape=shape)
    by_feature = by_row.tocsc()
    features = np.repeat(np.arange(feature_dim, dtype=np.uint32), np.diff(by_feature.indptr))
    batch = by_feature.indices // batches.size
    # numpy sorts 16-bit numbers by their digits
    order = np.argsort(batch.astype(np.min_scalar_type(batches.number)), kind="stable")
    batch, features = batch[order], features[order]
    first = np.ones(len(entries), bool)
    first[1:] = (features[1:] != features[:-1]) | (batch[1:] != batch[:-1])
    begin = np.flatnonzero(first)
    return FeatureGroups(
        np.searchsorted(batch[begin], np.arange(batches.number + 1)),
        features[begin],
        np.append(begin, len(entries)),
        (by_feature.indices[order] % batches.size).astype(np.uint32),
        batches.values[by_feature.data[order]],
    )
