"""The trained model: one bias, one weight and one factor vector per feature (Rendle, 2010)."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
PredictorType = Literal["binary_classifier", "regressor"]
BINARY: PredictorType = "binary_classifier"
REGRESSOR: PredictorType = "regressor"


@dataclass(frozen=True, eq=False)
class Model:
    """A factorization machine of second order.

    `bias` is w0; `linear` is w, float32, shape (d,); `factors` is V, float32, shape (d, k).
    `predictor_type` is "binary_classifier" or "regressor".
    Raises ValueError when the shapes do not fit each other or the type is unknown.
    """

    bias: float
    linear: FloatArray
    factors: FloatArray
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
        object.__setattr__(self, "linear", _float32(self.linear))
        object.__setattr__(self, "factors", _float32(self.factors))

    @property
    def feature_dim(self) -> int:
        """Number of features, d."""
        return len(self.linear)

    @property
    def num_factors(self) -> int:
        """Length of a factor vector, k."""
        return int(self.factors.shape[1])


def _float32(array: npt.NDArray[Any]) -> FloatArray:
    return np.ascontiguousarray(array, dtype=np.float32)
