"""Adam as MXNet applies it: base rate times each group's own, decay before clipping, float32.

MXNet 1.x, `python/mxnet/optimizer.py` (class Adam) and `src/operator/optimizer_op-inl.h`.
"""

import math
from typing import NamedTuple

import numpy as np

from local.fm_container.engine.state import MEAN, VALUE, VARIANCE, FloatArray
from local.fm_container.hyperparameters import Group, Hyperparameters

BETA1, BETA2 = np.float32(0.9), np.float32(0.999)
REST1, REST2 = np.float32(1) - BETA1, np.float32(1) - BETA2  # not .1 and .001: as MXNet's floats


class Rates(NamedTuple):
    """One group's steps: learning rates (bias correction included; one per batch, or just one)
    and weight decay.
    """

    lr: FloatArray | np.float32
    wd: np.float32


class Rule(NamedTuple):
    """What every group shares; `clip` 0 means none."""

    rescale: np.float32
    eps: np.float32
    clip: np.float32


def rule(settings: Hyperparameters) -> Rule:
    """The shared part of the job's updates."""
    return Rule(np.float32(settings.rescale), np.float32(settings.eps), np.float32(settings.clip))


def rates(group: Group, update: int) -> Rates:
    """A group's rates in update number `update`, the first being 1."""
    correction = math.sqrt(1 - 0.999**update) / (1 - 0.9**update)
    return Rates(np.float32(group.lr * correction), np.float32(group.wd))


def step(moved: FloatArray, gradient: FloatArray, rates: Rates, rule: Rule) -> FloatArray:
    """Parameters after one step: `moved` (n, 3, ...) as in `State`, `gradient` (n, ...) summed
    over the batch.
    """
    value, mean, variance = moved[:, VALUE], moved[:, MEAN], moved[:, VARIANCE]
    slope: FloatArray = rule.rescale * gradient + rates.wd * value
    if rule.clip:
        slope = np.clip(slope, -rule.clip, rule.clip)
    mean = BETA1 * mean + REST1 * slope
    variance = BETA2 * variance + REST2 * slope * slope
    change = rates.lr * mean / (np.sqrt(variance) + rule.eps)
    return np.stack([value - change, mean, variance], 1, dtype=np.float32)
