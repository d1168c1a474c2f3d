"""Scores equal the model's equation, written out term by term in float64."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from fm import scoring
from fm.model import Model


def equation(model: Model, rows: Any) -> Any:
    """w0 + w.x + the sum over pairs, pair by pair."""
    result = []
    for x in np.asarray(rows.todense(), np.float64):
        score = model.bias + model.linear.astype(np.float64) @ x
        used = np.flatnonzero(x)
        for place, i in enumerate(used):
            for j in used[place + 1 :]:
                score += (
                    model.factors[i].astype(np.float64) @ model.factors[j].astype(np.float64)
                ) * (x[i] * x[j])
        result.append(score)
    return np.array(result)


def one_hot(*columns: int, d: int = 40) -> Any:
    dense = np.zeros((3, d), np.float32)
    for column in columns:
        dense[np.arange(3), column + np.arange(3)] = 1
    return sparse.csr_array(dense)


@pytest.mark.parametrize("columns", [(0,), (0, 20), (0, 10, 20), (0, 10, 20, 30)])
def test_rows_with_equally_many_entries(model: Model, columns: tuple[int, ...]) -> None:
    rows = one_hot(*columns)
    assert np.allclose(scoring.raw_scores(model, rows), equation(model, rows), atol=1e-5)


def test_rows_of_any_length_and_values(model: Model, rows: Any) -> None:
    assert np.allclose(scoring.raw_scores(model, rows), equation(model, rows), atol=1e-5)


def test_equally_long_rows_of_any_values(model: Model) -> None:
    rows = one_hot(0, 20)
    rows.data[:] = np.linspace(-2, 3, rows.nnz)
    assert np.allclose(scoring.raw_scores(model, rows), equation(model, rows), atol=1e-5)


def test_an_empty_row_scores_the_bias(model: Model) -> None:
    rows: Any = sparse.csr_array((3, 40), dtype=np.float32)
    assert scoring.raw_scores(model, rows).tolist() == [0.25] * 3


def test_empty_rows_between_others_score_the_bias(model: Model) -> None:
    dense = np.zeros((5, 40), np.float32)
    dense[1, 3] = dense[3, 5] = dense[3, 9] = 2
    rows = sparse.csr_array(dense)
    found = scoring.raw_scores(model, rows)
    assert np.allclose(found, equation(model, rows), atol=1e-5)
    assert found[[0, 2, 4]].tolist() == [0.25] * 3


def test_no_rows_give_no_scores(model: Model) -> None:
    rows: Any = sparse.csr_array((0, 40), dtype=np.float32)
    assert scoring.raw_scores(model, rows).shape == (0,)


@pytest.mark.parametrize("density", [0.05, 1.0])
def test_blocks_of_rows_score_as_one(
    monkeypatch: pytest.MonkeyPatch, model: Model, density: float
) -> None:
    rng = np.random.default_rng(1)
    rows: Any = sparse.random_array((50, 40), density=density, rng=rng).tocsr()
    whole = scoring.raw_scores(model, rows)
    monkeypatch.setattr(scoring, "_GATHER_BYTES", 64)
    assert np.allclose(scoring.raw_scores(model, rows), whole, atol=1e-5)


def test_a_classifier_s_score_is_the_probability_and_a_regressor_s_the_value(
    model: Model, rows: Any
) -> None:
    raw = scoring.raw_scores(model, rows)
    expected = 1 / (1 + np.exp(-raw)) if model.predictor_type == "binary_classifier" else raw
    assert np.allclose(scoring.scores(model, rows), expected, atol=1e-6)


def test_the_sigmoid_neither_overflows_nor_leaves_its_range() -> None:
    with np.errstate(over="raise", invalid="raise"):
        found = scoring.sigmoid(np.array([-500, -1, 0, 1, 500], np.float32))
    assert found[[0, 2, 4]].tolist() == [0, 0.5, 1]
    assert found.dtype == np.float32


def test_rows_of_another_width_are_refused(model: Model) -> None:
    rows: Any = sparse.csr_array((1, 39), dtype=np.float32)
    with pytest.raises(ValueError, match="39 features, the model has 40"):
        scoring.raw_scores(model, rows)
