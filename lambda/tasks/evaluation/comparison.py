"""Lays out metrics of several systems: values, intervals, and differences to the first one."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fm import bootstrap

LOWER_IS_BETTER = {"log_loss", "ece", "rmse", "mae"}
Floats = npt.NDArray[np.float64]


def comparison(
    names: Sequence[str], values: Mapping[str, Floats], replicates: Mapping[str, Floats]
) -> dict[str, Any]:
    """Return, by system: its metrics; and by "intervals" and "differences", then system, theirs.

    `values` has for each system its metrics in the order of `names`, `replicates` the same of
    every resample, shape (resamples, metrics). A difference says by how much the system "model" is
    *better* than another (for a loss: lower), with the interval of the paired difference. What is
    not defined is None.
    """
    sign = np.array([-1.0 if name in LOWER_IS_BETTER else 1.0 for name in names])
    others = [system for system in values if system != "model"]
    return {
        **{system: _named(names, found) for system, found in values.items()},
        "intervals": {
            system: dict(zip(names, map(_rounded, bootstrap.intervals(found)), strict=True))
            for system, found in replicates.items()
        },
        "differences": {
            system: _differences(
                names,
                sign * (values["model"] - values[system]),
                sign * (replicates["model"] - replicates[system]),
            )
            for system in others
        },
    }


def _named(names: Sequence[str], values: Floats) -> dict[str, float | None]:
    return dict(zip(names, _rounded(values.tolist()), strict=True))


def _differences(names: Sequence[str], by: Floats, replicated: Floats) -> dict[str, Any]:
    found = {}
    for name, value, interval in zip(
        names, by.tolist(), bootstrap.intervals(replicated), strict=True
    ):
        found[name] = dict(zip(("by", "low", "high"), _rounded([value, *interval]), strict=True))
    return found


def _rounded(values: Sequence[float]) -> list[float | None]:
    """Six decimals, and None for what JSON cannot say."""
    return [round(value, 6) if math.isfinite(value) else None for value in values]
