"""Models and rows that the tests of `fm` share."""

from typing import Any

import numpy as np
import pytest
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
