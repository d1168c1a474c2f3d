"""The exact best of many scores, for one list or for many in batches; ties to the lower index.

Many lists are shared out among threads; the scores of one are made so quickly that a second thread
would only be waited for. So this is fastest where numpy's own threads are off
(OPENBLAS_NUM_THREADS=1).
"""

from collections.abc import Callable, Sequence

import numpy as np

from fm.arrays import Float32s, Floats, Int64s, Integers
from fm.cores import on_all_cores

_PRUNE = 256  # items of which the maximum is compared with the N-th best at once
_PRUNE_FROM = 4 * _PRUNE
_BATCH_BYTES = 1 << 23  # the scores of one batch of lists stay in the cache
_MOST_LISTS = 32  # in a batch


def best_lists(
    scores: Callable[[int, int], Float32s],
    shape: tuple[int, int],
    n: int,
    exclude: Sequence[Integers] | None = None,
) -> tuple[Int64s, Float32s]:
    """Return the `n` best items of each list, best first.

    Args:
        scores: Function from the first list of a batch and the one after its last to the batch's
            scores, a new float32 array of shape (lists, items). It is called from threads.
        shape: Number of lists, m, and number of items.
        n: How many items to return, at least 1.
        exclude: Item indices that a list must not hold, one array per list (e.g. seen items).

    Returns:
        Item indices, int64, and their scores, float32, both of shape (m, min(n, items)). A list
        with fewer items left is filled up with index -1 and score NaN.

    Raises:
        ValueError: `n` is not positive, or `exclude` has another number of arrays than there are
            lists.
    """
    lists, size = shape
    if n < 1:
        raise ValueError(f"n is {n}; ask for at least one item")
    if exclude is not None and len(exclude) != lists:
        raise ValueError(f"exclude has {len(exclude)} rows for {lists} lists")
    n = min(n, size)
    items = np.full((lists, n), -1, np.int64)
    values = np.full((lists, n), np.nan, np.float32)
    step = max(1, min(_MOST_LISTS, _BATCH_BYTES // (4 * max(1, size))))

    def rank(start: int) -> None:
        for row, row_scores in enumerate(scores(start, min(start + step, lists)), start):
            if exclude is not None:
                row_scores[exclude[row]] = -np.inf
            found = best(row_scores, n)
            items[row, : len(found)] = found
            values[row, : len(found)] = row_scores[found]

    on_all_cores(rank, range(0, lists, step))
    return items, values


def best(scores: Floats, n: int) -> Int64s:
    """Return the indices of the `n` largest finite scores, best first, ties by index.

    Args:
        scores: Shape (items,); -inf is never among the best.
        n: How many to return, at least 1.

    Returns:
        The indices, int64, at most `n`.
    """
    candidates = _candidates(scores, n)
    kept = scores[candidates]
    if len(candidates) > n:
        bound = np.partition(kept, len(kept) - n)[len(kept) - n]
        candidates = candidates[kept >= bound]
        kept = scores[candidates]
    order = np.lexsort((candidates, -kept))[:n]
    return candidates[order][kept[order] > -np.inf]


def _candidates(scores: Floats, n: int) -> Int64s:
    """Return indices among which the `n` largest scores certainly are."""
    whole = len(scores) - len(scores) % _PRUNE
    if len(scores) < _PRUNE_FROM or whole // _PRUNE <= n:
        return np.arange(len(scores))
    peaks = scores[:whole].reshape(-1, _PRUNE).max(1)
    bound = np.partition(peaks, len(peaks) - n)[len(peaks) - n]
    return np.flatnonzero(scores >= bound)
