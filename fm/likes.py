"""Who liked what, as a binary matrix of users by items, and how many users items share.

What the list baselines learn from: each user's liked items in training, every pair once.
"""

import numpy as np

from fm.arrays import CsrRows, Float32s, Int64s

_BLOCK_BYTES = 1 << 26  # of the users in common, dense, that are made at once


def counts(liked: CsrRows) -> Int64s:
    """Return how many users like each item.

    Args:
        liked: 1 where a user liked an item, CSR, shape (users, items).

    Returns:
        The numbers, shape (items,).

    Raises:
        ValueError: A value is not 1, or a pair of a user and an item is there twice.
    """
    checked = liked
    if not liked.has_canonical_format:
        checked = liked.copy()
        checked.sum_duplicates()
    wrong = np.flatnonzero(checked.data != 1)
    if len(wrong):
        user = int(np.searchsorted(checked.indptr, wrong[0], "right")) - 1
        raise ValueError(
            f"user {user} has {checked.data[wrong[0]]:g} for item {checked.indices[wrong[0]]} "
            f"({len(wrong)} such values): a liked item has the value 1, once for each user"
        )
    return np.bincount(checked.indices, minlength=liked.shape[1]).astype(np.int64)


def block_items(items: int) -> int:
    """Return for how many items `users_in_common` is called at once, so that memory is bounded."""
    return max(1, _BLOCK_BYTES // (4 * max(1, items)))


def users_in_common(by_item: CsrRows, liked: CsrRows) -> Float32s:
    """Return how many users like both items of each pair; exact up to 2^24 users.

    Args:
        by_item: Some columns of `liked` as rows, CSR, shape (b, users).
        liked: 1 where a user liked an item, CSR, float32, shape (users, items).

    Returns:
        The numbers, float32, shape (b, items).
    """
    return np.asarray((by_item @ liked).toarray(), np.float32)
