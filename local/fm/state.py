"""What training changes: the parameters and Adam's moments of each."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fm.model import Model
from local.fm.hyperparameters import Group, Hyperparameters

FloatArray = npt.NDArray[np.float32]


class Moved(NamedTuple):
    """Parameters and their first and second moments, float32, all of one shape."""

    value: FloatArray
    mean: FloatArray
    variance: FloatArray


@dataclass(eq=False)
class State:
    """A model in training: bias (1,), linear (d,), factors (d, k), and the updates so far."""

    bias: Moved
    linear: Moved
    factors: Moved
    updates: int = 0

    def model(self, predictor_type: str) -> Model:
        """The model as it is now."""
        return Model(
            float(self.bias.value[0]), self.linear.value, self.factors.value, predictor_type
        )


def initial(settings: Hyperparameters, rng: np.random.Generator) -> State:
    """The state before the first update, drawn as the hyperparameters say."""
    d, k = settings.feature_dim, settings.num_factors
    return State(
        _moved(settings.bias, (1,), rng),
        _moved(settings.linear, (d,), rng),
        _moved(settings.factors, (d, k), rng),
    )


def _moved(group: Group, shape: tuple[int, ...], rng: np.random.Generator) -> Moved:
    if group.method == "normal":
        value = rng.standard_normal(shape, np.float32) * np.float32(group.amount)
    elif group.method == "uniform":
        value = (2 * rng.random(shape, np.float32) - 1) * np.float32(group.amount)
    else:
        value = np.full(shape, group.amount, np.float32)
    return Moved(value, np.zeros(shape, np.float32), np.zeros(shape, np.float32))
