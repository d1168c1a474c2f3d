"""What training changes: the parameters and Adam's moments of each."""

from dataclasses import dataclass

import numpy as np

from fm.arrays import Float32s
from fm.model import Model
from local.fm_container.hyperparameters import Hyperparameters, ParameterGroup

VALUE, MEAN, VARIANCE = 0, 1, 2


@dataclass(eq=False)
class State:
    """A model in training.

    The arrays' second axis holds a parameter's value and the mean and variance of its gradient,
    side by side because an update needs the three of a feature together.

    Attributes:
        bias: float32, shape (1, 3).
        linear: float32, shape (d, 3).
        factors: float32, shape (d, 3, k).
        updates: How many updates were made so far.
    """

    bias: Float32s
    linear: Float32s
    factors: Float32s
    updates: int = 0

    @classmethod
    def initial(cls, settings: Hyperparameters, rng: np.random.Generator) -> "State":
        """Draw the state before the first update as the hyperparameters say."""
        d, k = settings.feature_dim, settings.num_factors
        return cls(
            _drawn(settings.bias, (1,), rng),
            _drawn(settings.linear, (d,), rng),
            _drawn(settings.factors, (d, k), rng),
        )

    def model(self, predictor_type: str) -> Model:
        """Return a copy of the parameters as a model."""
        return Model(
            float(self.bias[0, VALUE]),
            self.linear[:, VALUE].copy(),
            self.factors[:, VALUE].copy(),
            predictor_type,
        )


def _drawn(group: ParameterGroup, shape: tuple[int, ...], rng: np.random.Generator) -> Float32s:
    parameters = np.zeros((shape[0], 3, *shape[1:]), np.float32)
    amount = np.float32(group.amount)
    if group.method == "normal":
        parameters[:, VALUE] = rng.standard_normal(shape, np.float32) * amount
    elif group.method == "uniform":
        parameters[:, VALUE] = (2 * rng.random(shape, np.float32) - 1) * amount
    else:
        parameters[:, VALUE] = amount
    return parameters
