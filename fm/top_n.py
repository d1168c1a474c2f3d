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
from typing import Any

import numpy as np
import numpy.typing as npt

from fm.model import FloatArray, Model
from fm.scoring import link, raw_scores

IndexArray = npt.NDArray[np.int64]
_PRUNE = 256  # items whose maximum is compared with the N-th best at once
_PRUNE_FROM = 4 * _PRUNE
_BATCH_BYTES = 1 << 23  # the scores of one batch of users stay in the cache


class ItemBlock:
    """The items' part of the scores, ready for any number of users."""

    def __init__(self, model: Model, items: Any) -> None:
        """`items` is a CSR array of shape (number of items, d) with the items' features only."""
        self.model = model
        self._unbiased = Model(0.0, model.linear, model.factors, model.predictor_type)
        weights = _projected(model, items)
        bonus = raw_scores(self._unbiased, items)
        # the bonus rides along as one more factor, so that one product gives the whole score
        self._augmented = np.ascontiguousarray(np.column_stack([weights, bonus]))

    def __len__(self) -> int:
        return len(self._augmented)

    def scores(self, contexts: Any) -> FloatArray:
        """Endpoint scores of each context (CSR, shape (m, d)) with each item: shape (m, items)."""
        raw = self._user_vectors(contexts) @ self._augmented.T
        raw += raw_scores(self.model, contexts)[:, None]
        return link(self.model, raw)

    def top_n(
        self, contexts: Any, n: int, exclude: Sequence[npt.NDArray[Any]] | None = None
    ) -> tuple[IndexArray, FloatArray]:
        """The `n` best items of each context (CSR, shape (m, d)), best first.

        `exclude[row]` lists item indices never to recommend to that row (seen items). Returns
        indices (int64) and endpoint scores (float32) of shape (m, min(n, items)); a row that has
        fewer items left is filled up with index -1 and score NaN. Ties go to the lower index.
        Raises ValueError when `n` is not positive or `exclude` has another number of rows.
        """
        if n < 1:
            raise ValueError(f"n is {n}; ask for at least one item")
        count = int(contexts.shape[0])
        if exclude is not None and len(exclude) != count:
            raise ValueError(f"exclude has {len(exclude)} rows for {count} contexts")
        n = min(n, len(self))
        best = np.full((count, n), -1, np.int64)
        raw = np.full((count, n), np.nan, np.float32)
        vectors = self._user_vectors(contexts)
        step = max(1, min(32, _BATCH_BYTES // (4 * max(1, len(self)))))

        def rank(start: int) -> None:
            block = vectors[start : start + step] @ self._augmented.T
            for row, row_scores in enumerate(block, start):
                if exclude is not None:
                    row_scores[exclude[row]] = -np.inf
                found = _best(row_scores, n)
                best[row, : len(found)] = found
                raw[row, : len(found)] = row_scores[found]

        _on_all_cores(rank, range(0, count, step))
        raw += raw_scores(self.model, contexts)[:, None]
        return best, link(self.model, raw)

    def _user_vectors(self, contexts: Any) -> FloatArray:
        vectors = _projected(self.model, contexts)
        return np.column_stack([vectors, np.ones(len(vectors), np.float32)])


def _on_all_cores(work: Callable[[int], None], starts: Sequence[int]) -> None:
    """Call `work` with each of `starts`; most of it is numpy, which lets threads run."""
    if len(starts) < 2:
        for start in starts:
            work(start)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        deque(pool.map(work, starts), maxlen=0)


def _projected(model: Model, rows: Any) -> FloatArray:
    """V'x of each row: shape (n, k)."""
    if rows.shape[1] != model.feature_dim:
        raise ValueError(
            f"the rows have {rows.shape[1]} features, the model has {model.feature_dim}"
        )
    return np.asarray(rows.astype(np.float32) @ model.factors, np.float32)


def _best(scores: FloatArray, n: int) -> IndexArray:
    """Indices of the `n` largest finite scores, best first, ties by index."""
    candidates = _candidates(scores, n)
    kept = scores[candidates]
    if len(candidates) > n:
        bound = np.partition(kept, len(kept) - n)[len(kept) - n]
        candidates = candidates[kept >= bound]
        kept = scores[candidates]
    order = np.lexsort((candidates, -kept))[:n]
    return candidates[order][kept[order] > -np.inf]


def _candidates(scores: FloatArray, n: int) -> IndexArray:
    """Indices among which the `n` largest certainly are."""
    whole = len(scores) - len(scores) % _PRUNE
    if len(scores) < _PRUNE_FROM or whole // _PRUNE <= n:
        return np.arange(len(scores))
    peaks = scores[:whole].reshape(-1, _PRUNE).max(1)
    bound = np.partition(peaks, len(peaks) - n)[len(peaks) - n]
    return np.flatnonzero(scores >= bound)
