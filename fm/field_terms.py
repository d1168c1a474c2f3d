"""Where a score comes from, by field: small however many features are active.

A field is a range of feature columns: the user, the item, a side feature. All terms together are
the raw score (a classifier's log odds). Within a field, `feature_terms` tells its features apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fm.arrays import CsrRows, Float64s
from fm.model import Model


@dataclass(frozen=True, eq=False)
class FieldTerms:
    """Terms of one row's raw score.

    Attributes:
        bias: The model's bias.
        linear: Linear term of each field, shape (fields,).
        pairs: Interaction of field a with field b at [a, b] for a < b, of a field's features with
            each other at [a, a], and zeros below; shape (fields, fields).
    """

    bias: float
    linear: Float64s
    pairs: Float64s

    @property
    def raw_score(self) -> float:
        """The sum of all terms."""
        return float(self.bias + self.linear.sum() + self.pairs.sum())

    def strongest_pairs(self, count: int) -> list[tuple[int, int, float]]:
        """Return up to `count` pairs of fields and their term, largest first, without zeros."""
        first, second = np.nonzero(self.pairs)
        order = np.argsort(-np.abs(self.pairs[first, second]), kind="stable")[:count]
        return [
            (int(first[at]), int(second[at]), float(self.pairs[first[at], second[at]]))
            for at in order
        ]


def field_terms(model: Model, row: CsrRows, fields: Sequence[tuple[int, int]]) -> FieldTerms:
    """Split the raw score of a row into terms of its fields.

    Args:
        model: A model of d features.
        row: One feature row, CSR, shape (1, d).
        fields: First and one-past-last column of each field.

    Raises:
        ValueError: An active feature lies in none of the fields.
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
    squares = membership.T @ np.square(scaled).sum(1)
    products = by_field @ by_field.T
    pairs = np.triu(products, 1)
    np.fill_diagonal(pairs, (np.diag(products) - squares) / 2)
    linear = membership.T @ (model.linear[columns].astype(np.float64) * values)
    return FieldTerms(model.bias, linear, pairs)


def feature_terms(model: Model, row: CsrRows, other: CsrRows) -> Float64s:
    """Return the interaction of each feature of a row with all features of another.

    Args:
        model: A model of d features.
        row: One feature row, CSR, shape (1, d).
        other: Another, which has no feature in common with it, likewise.

    Returns:
        The terms, in the order of the entries of `row`, shape (entries,).
    """
    total = other.data.astype(np.float64) @ model.factors[other.indices].astype(np.float64)
    terms: Float64s = model.factors[row.indices].astype(np.float64) @ total
    return terms * row.data
