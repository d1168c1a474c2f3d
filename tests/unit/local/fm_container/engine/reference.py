"""The algorithm in plain float64 loops, as its description reads: what the engines must equal.

Source: Rendle (2010) for the model; MXNet 1.x `optimizer_op-inl.h` for the update, whose constants
are float32 numbers.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from local.fm_container.engine.state import VALUE, State
from local.fm_container.hyperparameters import Hyperparameters, ParameterGroup

BETA1, BETA2 = float(np.float32(0.9)), float(np.float32(0.999))


@dataclass
class Reference:
    """A model in training, all in Python floats: bias, linear[i], factors[i][f]."""

    settings: Hyperparameters
    dense: bool
    bias: Any
    linear: Any
    factors: Any
    updates: int = 0

    @classmethod
    def start(cls, settings: Hyperparameters, dense: bool, state: State) -> "Reference":
        """The same start as the state's."""

        def copied(moved: Any) -> Any:
            value = moved[:, VALUE].astype(float)
            return [value, 0 * value, 0 * value]

        return cls(settings, dense, copied(state.bias), copied(state.linear), copied(state.factors))

    def update(self, rows: Any, labels: Any) -> list[float]:
        """One mini-batch: rows are {feature: value}; returns the scores before the update."""
        pads = self.settings.batch_size - len(rows)
        rows, labels = [*rows, *[{}] * pads], [*labels, *[0.0] * pads]
        scores = [self._score(row) for row in rows]
        slopes = [self._slope(score, label) for score, label in zip(scores, labels, strict=True)]
        linear = np.zeros_like(self.linear[0])
        factors = np.zeros_like(self.factors[0])
        for row, slope in zip(rows, slopes, strict=True):
            total = sum(x * self.factors[0][i] for i, x in row.items())
            for i, x in row.items():
                linear[i] += slope * x
                factors[i] += slope * (x * total - x * x * self.factors[0][i])
        self.updates += 1
        everything = range(self.settings.feature_dim)
        seen = everything if self.dense else sorted({i for row in rows for i in row})
        self._move(self.bias, self.settings.bias, [sum(slopes)], [0])
        self._move(self.linear, self.settings.linear, linear, seen)
        self._move(self.factors, self.settings.factors, factors, seen)
        return scores

    def _score(self, row: Any) -> float:
        score = float(self.bias[0][0])
        features = sorted(row)
        for i in features:
            score += row[i] * self.linear[0][i]
            for j in features:
                if i < j:
                    score += row[i] * row[j] * float(self.factors[0][i] @ self.factors[0][j])
        return score

    def _slope(self, score: float, label: float) -> float:
        if self.settings.binary:
            return 1 / (1 + math.exp(-score)) - label
        return score - label

    def _move(self, moved: Any, group: ParameterGroup, gradient: Any, where: Any) -> None:
        value, mean, variance = moved
        settings = self.settings
        correction = math.sqrt(1 - 0.999**self.updates) / (1 - 0.9**self.updates)
        for i in where:
            slope = settings.rescale * gradient[i] + group.wd * value[i]
            if settings.clip:
                slope = np.clip(slope, -settings.clip, settings.clip)
            mean[i] = BETA1 * mean[i] + (1 - BETA1) * slope
            variance[i] = BETA2 * variance[i] + (1 - BETA2) * slope**2
            step = group.lr * correction * mean[i] / (np.sqrt(variance[i]) + settings.eps)
            value[i] = value[i] - step
