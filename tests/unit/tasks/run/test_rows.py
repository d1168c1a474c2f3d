"""Of very many rows, an even selection is evaluated, in bounded memory."""

from collections.abc import Iterator

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tasks.run.rows import Batch, thinned, without

MANY = 10**9


def _batches(sizes: list[int]) -> Iterator[Batch]:
    """Rows numbered from 0, by their label and by their one value."""
    first = 0
    for size in sizes:
        numbers = np.arange(first, first + size, dtype=np.float32)
        yield sp.csr_array(numbers[:, None] + 1), numbers
        first += size


def test_few_rows_are_all_kept() -> None:
    rows = thinned(_batches([3, 4]), 7, MANY)
    assert rows.labels.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert rows.features.shape == (7, 1)


@pytest.mark.parametrize(("most", "step"), [(6, 2), (4, 2), (3, 4), (1, 8)])
def test_of_more_every_second_or_fourth_is_kept(most: int, step: int) -> None:
    assert thinned(_batches([3, 4]), most, MANY).labels.tolist() == list(range(0, 7, step))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 50))
def test_how_rows_come_in_batches_does_not_matter(sizes: list[int], most: int) -> None:
    rows = thinned(_batches(sizes), most, MANY)
    at_once = thinned(_batches([sum(sizes)]), most, MANY)
    assert rows.labels.tolist() == at_once.labels.tolist()
    assert len(rows.labels) <= most
    assert 2 * len(rows.labels) > min(most, sum(sizes))
    assert rows.features.toarray().ravel().tolist() == (rows.labels + 1).tolist()


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(5, 90))
def test_non_zeros_are_bounded_too(sizes: list[int], most: int) -> None:
    def wide(sizes: list[int]) -> Iterator[Batch]:
        for _, labels in _batches(sizes):
            yield sp.csr_array(np.tile(labels[:, None] + 1, 5)), labels

    rows = thinned(wide(sizes), sum(sizes), most)
    assert rows.features.nnz <= most
    assert 2 * rows.features.nnz > min(most, 5 * sum(sizes)) - 5
    assert rows.labels.tolist() == thinned(wide([sum(sizes)]), sum(sizes), most).labels.tolist()


def test_one_row_is_kept_however_long() -> None:
    assert thinned(_batches([8]), 8, 0).labels.tolist() == [0]


@given(st.integers(0, 6), st.integers(0, 6))
def test_columns_can_be_left_empty(start: int, size: int) -> None:
    dense = np.random.default_rng(1).integers(0, 3, (9, 8)).astype(np.float32)
    left = without(sp.csr_array(dense), start, start + size)
    dense[:, start : start + size] = 0
    assert left.toarray().tolist() == dense.tolist()
    assert left.nnz == np.count_nonzero(dense)
