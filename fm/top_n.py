"""Exact top-N items for users, by one matrix product over a precomputed item block.

With a row split into a context part u (user and context features) and an item part i, the model's
score is  base(u) + bonus(i) + <V'x_u, V'x_i>:  everything about the items is computed once.

Many users are shared out among threads; one user's product is so short that a second thread would
only be waited for. So this is fastest where numpy's own threads are off (OPENBLAS_NUM_THREADS=1).
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fm.arrays import CsrRows, Float32s, Int64s, Integers
from fm.model import Model
from fm.scoring import link, raw_scores

_PRUNE = 256  # items of which the maximum is compared with the N-th best at once
_PRUNE_FROM = 4 * _PRUNE
_BATCH_BYTES = 1 << 23  # the scores of one batch of users stay in the cache


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
        if n < 1:
            raise ValueError(f"n is {n}; ask for at least one item")
        count = int(contexts.shape[0])
        if exclude is not None and len(exclude) != count:
            raise ValueError(f"exclude has {len(exclude)} rows for {count} contexts")
        n = min(n, len(self))
        items = np.full((count, n), -1, np.int64)
        raw = np.full((count, n), np.nan, np.float32)
        vectors = self._context_vectors(contexts)
        step = max(1, min(32, _BATCH_BYTES // (4 * max(1, len(self)))))

        def rank(start: int) -> None:
            block = vectors[start : start + step] @ self._augmented.T
            for row, row_scores in enumerate(block, start):
                if exclude is not None:
                    row_scores[exclude[row]] = -np.inf
                best = _best(row_scores, n)
                items[row, : len(best)] = best
                raw[row, : len(best)] = row_scores[best]

        _on_all_cores(rank, range(0, count, step))
        raw += raw_scores(self.model, contexts)[:, None]
        return items, link(self.model, raw)

    def _context_vectors(self, contexts: CsrRows) -> Float32s:
        vectors = _factor_sums(self.model, contexts)
        return np.column_stack([vectors, np.ones(len(vectors), np.float32)])


def _on_all_cores(work: Callable[[int], None], starts: Sequence[int]) -> None:
    """Call `work` with each of `starts`; most of it is numpy, which lets threads run."""
    if len(starts) < 2:
        for start in starts:
            work(start)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        deque(pool.map(work, starts), maxlen=0)


def _factor_sums(model: Model, rows: CsrRows) -> Float32s:
    """Return V'x of each row, shape (n, k)."""
    if rows.shape[1] != model.feature_dim:
        raise ValueError(
            f"the rows have {rows.shape[1]} features, the model has {model.feature_dim}"
        )
    return np.asarray(rows.astype(np.float32) @ model.factors, np.float32)


def _best(scores: Float32s, n: int) -> Int64s:
    """Return the indices of the `n` largest finite scores, best first, ties by index."""
    candidates = _candidates(scores, n)
    kept = scores[candidates]
    if len(candidates) > n:
        bound = np.partition(kept, len(kept) - n)[len(kept) - n]
        candidates = candidates[kept >= bound]
        kept = scores[candidates]
    order = np.lexsort((candidates, -kept))[:n]
    return candidates[order][kept[order] > -np.inf]


def _candidates(scores: Float32s, n: int) -> Int64s:
    """Return indices among which the `n` largest scores certainly are."""
    whole = len(scores) - len(scores) % _PRUNE
    if len(scores) < _PRUNE_FROM or whole // _PRUNE <= n:
        return np.arange(len(scores))
    peaks = scores[:whole].reshape(-1, _PRUNE).max(1)
    bound = np.partition(peaks, len(peaks) - n)[len(peaks) - n]
    return np.flatnonzero(scores >= bound)
