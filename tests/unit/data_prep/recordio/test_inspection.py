"""What is in a RecordIO file."""

from pathlib import Path

import numpy as np
import scipy.sparse as sp

from data_prep import recordio
from data_prep.recordio.inspection import inspect


def test_inspect_counts_labels_and_sizes(tmp_path: Path) -> None:
    matrix = sp.csr_array(np.array([[1, 2, 0], [0, 0, 0], [0, 3, 0]], np.float32))
    with (tmp_path / "x").open("wb") as file:
        recordio.write(file, matrix, np.array([1, 0, 1], np.float32))
    found = inspect(tmp_path / "x", 2)
    assert (found.records, found.feature_dim, found.values) == (3, 3, 3)
    assert found.labels == {0: 1, 1: 2}
    assert found.sizes == {0: 1, 1: 1, 2: 1}
    assert found.first == [([0, 1], [1.0, 2.0], 1.0), ([], [], 0.0)]


def test_many_different_labels_are_shown_in_ranges(tmp_path: Path) -> None:
    labels = np.linspace(0, 1, 500, dtype=np.float32)
    with (tmp_path / "x").open("wb") as file:
        recordio.write(file, sp.csr_array(np.ones((500, 1), np.float32)), labels)
    found = inspect(tmp_path / "x", 0)
    assert len(found.labels) == 20
    assert sum(found.labels.values()) == 500
