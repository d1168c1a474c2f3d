"""A model's arrays fit each other and are float32."""

import numpy as np
import pytest

from fm.model import Model

LINEAR, FACTORS = np.zeros(3, np.float32), np.zeros((3, 2), np.float32)


def test_its_size_is_that_of_its_arrays() -> None:
    model = Model(0.0, LINEAR, FACTORS, "regressor")
    assert (model.feature_dim, model.num_factors) == (3, 2)


def test_arrays_become_contiguous_float32() -> None:
    transposed = np.zeros((2, 3), np.float32).T
    model = Model(0.0, LINEAR, transposed, "regressor")
    assert model.factors.dtype == np.float32
    assert model.factors.flags.c_contiguous


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(feature_dim,\) and \(feature_dim, num_factors\)"):
        Model(0.0, LINEAR, FACTORS[:2], "regressor")


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="predictor_type is 'ranker'"):
        Model(0.0, LINEAR, FACTORS, "ranker")
