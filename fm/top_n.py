"""Exact top-N items for users, by one matrix product over a precomputed item block.

With a row split into a context part u (user and context features) and an item part i, the model's
score is  base(u) + bonus(i) + <V'x_u, V'x_i>:  everything about the items is computed once.
"""

from collections.abc import Sequence

import numpy as np

from fm.arrays import CsrRows, Float32s, Int64s, Integers
from fm.best import best_lists
from fm.model import Model
from fm.scoring import link, raw_scores


class ItemBlock:
    """The items' part of the scores, ready for any number of users.

    Its length is the number of items.
    """

    def __init__(self, model: Model, items: CsrRows) -> None:
        """Compute the items' part of the scores.

        Args:
            model: A model of d features.
            items: Rows with the items' features only, CSR, shape (number of items, d).

        Raises:
            ValueError: The rows are not as wide as the model.
        """
        self.model = model
        unbiased = Model(0.0, model.linear, model.factors, model.predictor_type)
        vectors = _factor_sums(model, items)
        bonus = raw_scores(unbiased, items)
        # the bonus rides along as one more factor, so that one product gives the whole score
        self._augmented = np.ascontiguousarray(np.column_stack([vectors, bonus]))

    def __len__(self) -> int:
        return len(self._augmented)

    def scores(self, contexts: CsrRows) -> Float32s:
        """Return the endpoint's score of each context with each item.

        Args:
            contexts: Rows with user and context features, CSR, shape (m, d).

        Returns:
            The scores, float32, shape (m, items).

        Raises:
            ValueError: The rows are not as wide as the model.
        """
        raw = self._context_vectors(contexts) @ self._augmented.T
        raw += raw_scores(self.model, contexts)[:, None]
        return link(self.model, raw)

    def top_n(
        self, contexts: CsrRows, n: int, exclude: Sequence[Integers] | None = None
    ) -> tuple[Int64s, Float32s]:
        """Return the `n` best items of each context, best first; ties go to the lower index.

        Args:
            contexts: Rows with user and context features, CSR, shape (m, d).
            n: How many items to return, at least 1.
            exclude: Item indices never to recommend, one array per context (e.g. seen items).

        Returns:
            Item indices, int64, and the endpoint's scores, float32, both of shape
            (m, min(n, items)). A context with fewer items left is filled up with index -1 and
            score NaN.

        Raises:
            ValueError: `n` is not positive, `exclude` has another number of arrays than there
                are contexts, or the rows are not as wide as the model.
        """
        vectors = self._context_vectors(contexts)
        items, raw = best_lists(
            lambda start, end: vectors[start:end] @ self._augmented.T,
            (len(vectors), len(self)),
            n,
            exclude,
        )
        raw += raw_scores(self.model, contexts)[:, None]
        return items, link(self.model, raw)

    def _context_vectors(self, contexts: CsrRows) -> Float32s:
        vectors = _factor_sums(self.model, contexts)
        return np.column_stack([vectors, np.ones(len(vectors), np.float32)])


def _factor_sums(model: Model, rows: CsrRows) -> Float32s:
    """Return V'x of each row, shape (n, k)."""
    if rows.shape[1] != model.feature_dim:
        raise ValueError(
            f"the rows have {rows.shape[1]} features, the model has {model.feature_dim}"
        )
    return np.asarray(rows.astype(np.float32) @ model.factors, np.float32)
