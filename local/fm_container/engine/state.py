"""What training changes: the parameters and Adam's moments of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fm.model import Model
from local.fm_container.hyperparameters import Group, Hyperparameters

FloatArray = npt.NDArray[np.float32]
VALUE, MEAN, VARIANCE = 0, 1, 2


@dataclass(eq=False)
class State:
    """A model in training: `bias` (1, 3), `linear` (d, 3), `factors` (d, 3, k), float32.

    The second axis holds a parameter's value and the mean and variance of its gradient, side by
    side because an update needs the three of a feature together. `updates` were done so far.
    """

    bias: FloatArray
    linear: FloatArray
    factors: FloatArray
    updates: int = 0

    def model(self, predictor_type: str) -> Model:
        """The model as it is now."""
        return Model(
            float(self.bias[0, VALUE]),
            self.linear[:, VALUE].copy(),
            self.factors[:, VALUE].copy(),
            predictor_type,
        )


def initial(settings: Hyperparameters, rng: np.random.Generator) -> State:
    """The state before the first update, drawn as the hyperparameters say."""
    d, k = settings.feature_dim, settings.num_factors
    return State(
        _drawn(settings.bias, (1,), rng),
        _drawn(settings.linear, (d,), rng),
        _drawn(settings.factors, (d, k), rng),
    )


def _drawn(group: Group, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    moved = np.zeros((shape[0], 3, *shape[1:]), np.float32)
    amount = np.float32(group.amount)
    if group.method == "normal":
        moved[:, VALUE] = rng.standard_normal(shape, np.float32) * amount
    elif group.method == "uniform":
        moved[:, VALUE] = (2 * rng.random(shape, np.float32) - 1) * amount
    else:
        moved[:, VALUE] = amount
    return moved
