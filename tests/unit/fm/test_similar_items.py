"""Similar items point the same way."""

from typing import Any

import numpy as np
import pytest

from fm.model import Model
from fm.similar_items import SimilarItems


def _cosines(model: Model, rows: Any, item: int) -> Any:
    vectors = (rows.toarray() @ model.factors).astype(np.float64)
    with np.errstate(invalid="ignore"):
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.nan_to_num(units @ units[item])


def test_they_are_those_of_the_largest_cosine(model: Model, rows: Any) -> None:
    similar = SimilarItems(model, rows)
    for item in range(rows.shape[0]):
        expected = _cosines(model, rows, item)
        best = [other for other in np.argsort(-expected, kind="stable") if other != item][:7]
        found, cosines = similar.top_n(item, 7)
        assert found.tolist() == best
        np.testing.assert_allclose(cosines, expected[best], atol=1e-6)


def test_the_length_of_a_factor_vector_does_not_matter(model: Model, rows: Any) -> None:
    longer = rows.copy()
    longer.data *= np.repeat(np.arange(1, 31, dtype=np.float32), np.diff(rows.indptr))
    for similar in (SimilarItems(model, rows), SimilarItems(model, longer)):
        assert similar.top_n(3, 5)[0].tolist() == SimilarItems(model, rows).top_n(3, 5)[0].tolist()


def test_excluded_items_are_not_among_them(model: Model, rows: Any) -> None:
    similar = SimilarItems(model, rows)
    found, _ = similar.top_n(0, 30)
    assert sorted(found) == list(range(1, 30))
    rest, cosines = similar.top_n(0, 30, exclude=found[:10])
    assert rest.tolist() == found[10:].tolist()
    assert cosines.shape == (19,)


def test_an_item_without_factors_is_like_no_other(model: Model, rows: Any) -> None:
    empty = rows.copy()
    empty.data[empty.indptr[4] : empty.indptr[5]] = 0
    _, cosines = SimilarItems(model, empty).top_n(4, 3)
    assert cosines.tolist() == pytest.approx([0, 0, 0])
