"""Adam as MXNet applies it: base rate times each group's own, decay before clipping, float32.

MXNet 1.x, `python/mxnet/optimizer.py` (class Adam) and `src/operator/optimizer_op-inl.h`.
"""

import math
from typing import NamedTuple

import numpy as np

from fm.arrays import Float32s
from local.fm_container.engine.state import MEAN, VALUE, VARIANCE
from local.fm_container.hyperparameters import Hyperparameters, ParameterGroup

BETA1, BETA2 = np.float32(0.9), np.float32(0.999)
REST1, REST2 = np.float32(1) - BETA1, np.float32(1) - BETA2  # not .1 and .001: as MXNet's floats


class StepRates(NamedTuple):
    """The rates of one parameter group in one update.

    Attributes:
        lr: Learning rate with Adam's bias correction.
        wd: Weight decay.
    """

    lr: np.float32
    wd: np.float32


class AdamConstants(NamedTuple):
    """What every parameter group shares.

    Attributes:
        rescale: Factor of every gradient.
        eps: Added to the root of the variance.
        clip: Largest absolute gradient; 0 means none.
    """

    rescale: np.float32
    eps: np.float32
    clip: np.float32


def constants_of(settings: Hyperparameters) -> AdamConstants:
    """Return the constants of a job's updates."""
    return AdamConstants(
        np.float32(settings.rescale), np.float32(settings.eps), np.float32(settings.clip)
    )


def step_rates(group: ParameterGroup, update: int) -> StepRates:
    """Return a group's rates in update number `update`, the first being 1."""
    correction = math.sqrt(1 - 0.999**update) / (1 - 0.9**update)
    return StepRates(np.float32(group.lr * correction), np.float32(group.wd))


def step(
    parameters: Float32s, gradient: Float32s, rates: StepRates, constants: AdamConstants
) -> Float32s:
    """Return parameters after one update.

    Args:
        parameters: Values and moments as in `State`, shape (n, 3, ...).
        gradient: dLoss/dParameter, summed over the batch, shape (n, ...).
        rates: The group's rates.
        constants: What every group shares.

    Returns:
        Values and moments, shape (n, 3, ...).
    """
    value, mean, variance = parameters[:, VALUE], parameters[:, MEAN], parameters[:, VARIANCE]
    slope: Float32s = constants.rescale * gradient + rates.wd * value
    if constants.clip:
        slope = np.clip(slope, -constants.clip, constants.clip)
    mean = BETA1 * mean + REST1 * slope
    variance = BETA2 * variance + REST2 * slope * slope
    change = rates.lr * mean / (np.sqrt(variance) + constants.eps)
    return np.stack([value - change, mean, variance], 1, dtype=np.float32)
