"""An explanation's terms are the score's."""

from typing import Any

import pytest

from fm.explain import explain
from fm.model import Model
from fm.scoring import raw_scores


def test_the_terms_add_up_to_the_score(model: Model, rows: Any) -> None:
    for number, score in enumerate(raw_scores(model, rows)):
        assert explain(model, rows[[number]]).score == pytest.approx(score, abs=1e-4)


def test_every_feature_and_every_pair_has_its_term(model: Model, rows: Any) -> None:
    row = rows[[0]]
    found = explain(model, row)
    columns = sorted(row.indices.tolist())
    assert sorted(term.columns[0] for term in found.linear) == columns
    pairs = sorted(tuple(sorted(term.columns)) for term in found.pairs)
    assert pairs == [(i, j) for i in columns for j in columns if i < j]


def test_the_strongest_terms_come_first(model: Model, rows: Any) -> None:
    found = explain(model, rows[[0]])
    for terms in (found.linear, found.pairs):
        sizes = [abs(term.value) for term in terms]
        assert sizes == sorted(sizes, reverse=True)


def test_more_than_one_row_is_refused(model: Model, rows: Any) -> None:
    with pytest.raises(ValueError, match="explain one row of 40 features"):
        explain(model, rows[:2])
