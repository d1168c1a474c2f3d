"""The terms of all fields add up to the score."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from fm import scoring
from fm.field_terms import feature_terms, field_terms
from fm.model import Model

FIELDS = [(0, 10), (10, 25), (25, 40)]


def test_all_terms_together_are_the_raw_score(model: Model, rows: Any) -> None:
    for at in range(rows.shape[0]):
        row = rows[[at]]
        found = field_terms(model, row, FIELDS)
        assert found.raw_score == pytest.approx(float(scoring.raw_scores(model, row)[0]), abs=1e-4)


def test_a_pair_is_the_product_of_its_fields_vectors(model: Model, rows: Any) -> None:
    row = rows[[0]].toarray()[0]
    first, last = row.copy(), row.copy()
    first[10:], last[:25] = 0, 0
    expected = (first @ model.factors) @ (last @ model.factors)
    assert field_terms(model, rows[[0]], FIELDS).pairs[0, 2] == pytest.approx(expected, abs=1e-4)


def test_the_terms_of_a_fields_features_add_up_to_its_pairs(model: Model, rows: Any) -> None:
    both = rows[[0]]
    first, last = (
        sparse.csr_array(
            np.where((np.arange(40) >= start) & (np.arange(40) < end), both.toarray(), 0)
        )
        for start, end in (FIELDS[0], FIELDS[2])
    )
    terms = feature_terms(model, first, last)
    total = last.toarray()[0] @ model.factors
    expected = [
        first.toarray()[0, column] * model.factors[column] @ total for column in first.indices
    ]
    np.testing.assert_allclose(terms, expected, atol=1e-5)
    assert terms.sum() == pytest.approx(field_terms(model, both, FIELDS).pairs[0, 2], abs=1e-6)


def test_the_strongest_pairs_come_first(model: Model, rows: Any) -> None:
    dense = sparse.csr_array(rows.sum(axis=0)[None, :])
    sizes = [abs(term) for _, _, term in field_terms(model, dense, FIELDS).strongest_pairs(4)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 4


def test_a_feature_outside_every_field_is_an_error(model: Model, rows: Any) -> None:
    with pytest.raises(ValueError, match="in no field"):
        field_terms(model, rows[[0]], FIELDS[:1])


def test_without_features_only_the_bias_is_left(model: Model, rows: Any) -> None:
    empty = rows[[0]] * 0
    empty.eliminate_zeros()
    found = field_terms(model, empty, FIELDS)
    assert found.raw_score == model.bias
    assert np.count_nonzero(found.pairs) == 0
