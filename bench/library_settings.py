"""The settings that each library is tried with, and those that `python -m bench.tune` chose.

The grids are of one size, eight points, over what each library lets one set; myFM's Gibbs sampler
has no rates to choose, and implicit's model no probabilities to judge.
"""

from collections.abc import Mapping
from typing import TypeAlias

Settings: TypeAlias = Mapping[str, float]
TARGET = 0.545  # log loss that every tuned library reaches on MovieLens-100K
BATCH = 1000  # for speed; to a given quality another batch may be the faster

_ADAM: dict[str, tuple[float, ...]] = {
    "batch": (500, 1000),
    "factors_lr": (0.001, 0.003),
    "linear_lr": (0.003, 0.01),
}
GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "factorstack": _ADAM,
    "mxnet": _ADAM,
    "modern_fm": {
        "learning_rate": (0.02, 0.05),
        "l2_factors": (0.005, 0.02),
        "l2_linear": (0, 1e-5),
    },
    "modern_fm_adam": {
        "batch": (500, 1000),
        "learning_rate": (0.003, 0.01),
        "l2_factors": (1e-5, 1e-4),
    },
    "xlearn": {"lr": (0.2, 0.4), "lambda": (0.0005, 0.002), "init": (0.33, 0.66)},
    "myfm": {},
}
EPOCHS = (2, 3, 4, 6, 8, 12, 16)
DRAWS = (50, 100, 150, 200)  # myFM's epochs
CHOSEN: dict[str, tuple[dict[str, float], int]] = {  # settings, and epochs to the target
    "factorstack": ({"batch": 500, "factors_lr": 0.003, "linear_lr": 0.01}, 3),
    "mxnet": ({"batch": 500, "factors_lr": 0.003, "linear_lr": 0.01}, 3),
    "modern_fm": ({"learning_rate": 0.05, "l2_factors": 0.02, "l2_linear": 0}, 4),
    "modern_fm_adam": ({"batch": 500, "learning_rate": 0.01, "l2_factors": 0.0001}, 3),
    "xlearn": ({"lr": 0.4, "lambda": 0.0005, "init": 0.66}, 4),
    "myfm": ({}, 150),
}
