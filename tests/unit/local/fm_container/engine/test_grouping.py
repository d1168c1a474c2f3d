"""Entries by batch, then by feature, then in file order."""

import numpy as np
from scipy import sparse

from local.fm_container.engine.batches import batched
from local.fm_container.engine.grouping import group_by_feature


def test_each_batch_s_entries_are_grouped_by_feature_in_file_order() -> None:
    matrix = np.array([[1, 0, 2], [3, 0, 0], [0, 4, 0], [5, 0, 6], [7, 0, 0]], np.float32)
    batches = batched([(sparse.csr_array(matrix), np.ones(5, np.float32))], 2)
    groups = group_by_feature(batches, 3)
    assert groups.starts.tolist() == [0, 2, 5, 6]
    assert groups.features.tolist() == [0, 2, 0, 1, 2, 0]
    assert groups.bounds.tolist() == [0, 2, 3, 4, 5, 6, 7]
    assert groups.values.tolist() == [1, 3, 2, 5, 4, 6, 7]
    assert groups.rows.tolist() == [0, 1, 0, 1, 0, 1, 0]
