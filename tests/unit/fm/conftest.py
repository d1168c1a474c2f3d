"""Models and rows that the tests of `fm` share."""

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy import sparse

from fm.model import Model


def make_model(d: int = 40, k: int = 5, predictor_type: str = "binary_classifier") -> Model:
    rng = np.random.default_rng(7)
    return Model(
        0.25,
        rng.normal(size=d).astype(np.float32),
        rng.normal(size=(d, k)).astype(np.float32),
        predictor_type,
    )


def make_rows(n: int = 30, d: int = 40, density: float = 0.15) -> Any:
    rng = np.random.default_rng(8)
    rows = sparse.random_array((n, d), density=density, rng=rng, dtype=np.float32).tocsr()
    rows.sort_indices()
    return rows


@pytest.fixture(params=["binary_classifier", "regressor"])
def model(request: pytest.FixtureRequest) -> Model:
    return make_model(predictor_type=request.param)


@pytest.fixture
def rows() -> Any:
    return make_rows()


@st.composite
def likes_of_users(draw: st.DrawFn) -> Any:
    """Return binary likes, CSR, float32: users and items without any among them."""
    users, items = draw(st.integers(1, 40)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    popularity = rng.random(items) * (rng.random(items) < 0.9)
    liked = rng.random((users, items)) < draw(st.sampled_from([0.1, 0.5, 1])) * popularity
    return sparse.csr_array(liked.astype(np.float32))
