"""Mini-batches: in file order, in pieces, the last one filled up."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from local.fm_container.engine.batches import Chunk, batched, pieces


def chunk(rows: int, first: int = 0) -> Chunk:
    """Rows of one entry each, whose value is their number."""
    numbers = np.arange(first, first + rows, dtype=np.float32)
    matrix: Any = sparse.csr_array(
        (numbers, np.zeros(rows, np.int64), np.arange(rows + 1)), shape=(rows, 3)
    )
    return matrix, numbers


def test_the_last_batch_is_filled_up_with_empty_rows_of_label_0() -> None:
    batches = batched([chunk(5)], 4)
    assert (batches.number, batches.records) == (2, 5)
    assert batches.labels.tolist() == [0, 1, 2, 3, 4, 0, 0, 0]
    assert np.diff(batches.indptr).tolist() == [1] * 5 + [0] * 3


@pytest.mark.parametrize("cuts", [[23], [1] * 23, [10, 13], [3, 20]])
def test_pieces_do_not_depend_on_how_the_rows_come(cuts: list[int]) -> None:
    starts = np.cumsum([0, *cuts[:-1]]).tolist()
    chunks = [chunk(rows, start) for rows, start in zip(cuts, starts, strict=True)]
    found = list(pieces(iter(chunks), size=4, interval=3))
    assert [piece.number for piece in found] == [1, 3, 2]
    assert [piece.records for piece in found] == [4, 12, 7]
    values = np.concatenate([piece.values for piece in found])
    assert values.tolist() == list(range(23))
