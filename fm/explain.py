"""Why a row got its score: the bias, each feature's own term, each pair's term."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fm.model import Model


@dataclass(frozen=True)
class Term:
    """What one feature (one column) or one pair (two columns) adds to the raw score."""

    columns: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Explanation:
    """The raw score taken apart: it is the sum of `bias` and of all terms, before any sigmoid.

    `linear` and `pairs` are in descending order of their values' size.
    """

    bias: float
    linear: list[Term]
    pairs: list[Term]

    @property
    def score(self) -> float:
        """The raw score."""
        return self.bias + sum(term.value for term in (*self.linear, *self.pairs))


def explain(model: Model, row: Any) -> Explanation:
    """Take apart the score of `row`, a scipy CSR array of shape (1, d).

    Raises ValueError when it is not one row, or not as wide as the model.
    """
    if row.shape != (1, model.feature_dim):
        raise ValueError(
            f"the row has shape {row.shape}; explain one row of {model.feature_dim} features"
        )
    columns, x = row.indices, row.data.astype(np.float64)
    linear = x * model.linear[columns]
    factors = x[:, None] * model.factors[columns].astype(np.float64)
    first, second = np.triu_indices(len(columns), 1)
    pairs = np.einsum("pf,pf->p", factors[first], factors[second])
    return Explanation(
        model.bias,
        _sorted([(int(column),) for column in columns], linear),
        _sorted(list(zip(columns[first].tolist(), columns[second].tolist(), strict=True)), pairs),
    )


def _sorted(columns: list[tuple[int, ...]], values: Any) -> list[Term]:
    order = np.argsort(-np.abs(values), kind="stable")
    return [Term(columns[place], float(values[place])) for place in order]
