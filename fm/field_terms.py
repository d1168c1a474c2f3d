"""Where a score comes from, by field: small however many features are active.

A field is a range of feature columns: the user, the item, a side feature. All terms together are
the raw score (a classifier's log odds).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fm.model import Model


@dataclass(frozen=True, eq=False)
class FieldTerms:
    """Terms of one row's raw score.

    `linear`, float64, shape (fields,); `pairs`, shape (fields, fields), has the interaction of
    field a with field b at [a, b] for a < b, that of a field's own features with each other at
    [a, a], and zeros below.
    """

    bias: float
    linear: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.float64]

    @property
    def raw_score(self) -> float:
        """The sum of all terms."""
        return float(self.bias + self.linear.sum() + self.pairs.sum())

    def strongest_pairs(self, count: int) -> list[tuple[int, int, float]]:
        """Up to `count` pairs of fields by falling size of their term; those of zero are none."""
        first, second = np.nonzero(self.pairs)
        order = np.argsort(-np.abs(self.pairs[first, second]), kind="stable")[:count]
        return [
            (int(first[at]), int(second[at]), float(self.pairs[first[at], second[at]]))
            for at in order
        ]


def field_terms(model: Model, row: Any, fields: Sequence[tuple[int, int]]) -> FieldTerms:
    """Take apart the score of a CSR row of shape (1, d).

    `fields` are the first and one-past-last columns of each.

    Raises ValueError when an active feature lies in none of the fields.
    """
    columns, values = row.indices, row.data.astype(np.float64)
    starts = np.array([start for start, _ in fields])
    ends = np.array([end for _, end in fields])
    inside = (columns[:, None] >= starts) & (columns[:, None] < ends)
    if not inside.any(1).all():
        raise ValueError(f"columns {columns[~inside.any(1)].tolist()} are in no field")
    membership = inside.astype(np.float64)
    scaled = model.factors[columns].astype(np.float64) * values[:, None]
    by_field = membership.T @ scaled
    own = membership.T @ np.square(scaled).sum(1)
    products = by_field @ by_field.T
    pairs = np.triu(products, 1)
    np.fill_diagonal(pairs, (np.diag(products) - own) / 2)
    linear = membership.T @ (model.linear[columns].astype(np.float64) * values)
    return FieldTerms(model.bias, linear, pairs)
