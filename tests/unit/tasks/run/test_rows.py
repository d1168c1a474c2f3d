"""Of very many rows, an even selection is evaluated, in bounded memory."""

from collections.abc import Iterator

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tasks.run.rows import Batch, thinned


def _batches(sizes: list[int]) -> Iterator[Batch]:
    """Rows numbered from 0, by their label and by their one value."""
    first = 0
    for size in sizes:
        numbers = np.arange(first, first + size, dtype=np.float32)
        yield sp.csr_array(numbers[:, None] + 1), numbers
        first += size


def test_few_rows_are_all_kept() -> None:
    rows = thinned(_batches([3, 4]), most=7)
    assert rows.labels.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert rows.features.shape == (7, 1)


@pytest.mark.parametrize(("most", "step"), [(6, 2), (4, 2), (3, 4), (1, 8)])
def test_of_more_every_second_or_fourth_is_kept(most: int, step: int) -> None:
    assert thinned(_batches([3, 4]), most).labels.tolist() == list(range(0, 7, step))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 50))
def test_how_rows_come_in_batches_does_not_matter(sizes: list[int], most: int) -> None:
    rows = thinned(_batches(sizes), most)
    at_once = thinned(_batches([sum(sizes)]), most)
    assert rows.labels.tolist() == at_once.labels.tolist()
    assert len(rows.labels) <= most
    assert 2 * len(rows.labels) > min(most, sum(sizes))
    assert rows.features.toarray().ravel().tolist() == (rows.labels + 1).tolist()
