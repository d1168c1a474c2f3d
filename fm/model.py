"""The trained model: one bias, one weight and one factor vector per feature (Rendle, 2010)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fm.arrays import Float32s, Floats

PredictorType = Literal["binary_classifier", "regressor"]
BINARY: PredictorType = "binary_classifier"
REGRESSOR: PredictorType = "regressor"


@dataclass(frozen=True, eq=False)
class Model:
    """A factorization machine of second order.

    Arrays of another float type or memory layout are converted to contiguous float32.

    Attributes:
        bias: w0.
        linear: w, float32, shape (d,).
        factors: V, float32, shape (d, k).
        predictor_type: "binary_classifier" or "regressor".

    Raises:
        ValueError: The shapes do not fit each other, or the type is unknown.
    """

    bias: float
    linear: Float32s
    factors: Float32s
    predictor_type: str

    def __post_init__(self) -> None:
        if self.predictor_type not in (BINARY, REGRESSOR):
            raise ValueError(
                f"predictor_type is {self.predictor_type!r}; it must be {BINARY!r} or {REGRESSOR!r}"
            )
        if self.linear.ndim != 1 or self.factors.ndim != 2 or len(self.linear) != len(self.factors):
            raise ValueError(
                f"linear has shape {self.linear.shape} and factors {self.factors.shape}; "
                "they must be (feature_dim,) and (feature_dim, num_factors)"
            )
        object.__setattr__(self, "linear", _contiguous_float32(self.linear))
        object.__setattr__(self, "factors", _contiguous_float32(self.factors))

    @property
    def feature_dim(self) -> int:
        """Number of features, d."""
        return len(self.linear)

    @property
    def num_factors(self) -> int:
        """Length of a factor vector, k."""
        return int(self.factors.shape[1])


def _contiguous_float32(array: Floats) -> Float32s:
    return np.ascontiguousarray(array, dtype=np.float32)
