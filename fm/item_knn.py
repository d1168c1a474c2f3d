"""Item-item weights from the nearest neighbours: cosine of the items' likes, shrunk.

The similarity of items i and j is c_ij / (sqrt(c_i c_j) + shrink), where c counts the users who
like one or both, and an item keeps its `neighbours` most similar ones (as in Ferrari Dacrema et
al., 2021, A Troubling Analysis of Reproducibility and Progress in Recommender Systems Research).

The work is the sum of the squares of the users' numbers of likes. Measured on random likes of long
tails, 25 million by 162,541 users among 59,047 items: two minutes on two busy cores, and 0.6 GB
beside the likes, most of it their copy by items.
"""

import numpy as np
import scipy.sparse as sp

from fm import likes
from fm.arrays import CsrRows
from fm.best import best
from fm.cores import on_all_cores

# On MovieLens-100K, five folds of the training part of a random split: NDCG@10 is .218 with these
# (the best that was tried: .219), .211 or more for 100 to 300 neighbours and a shrink of 3 to 30,
# but .195 with 20 neighbours and .210 with 400.
NEIGHBOURS = 200
SHRINK = 10.0


def fit(liked: CsrRows, neighbours: int = NEIGHBOURS, shrink: float = SHRINK) -> CsrRows:
    """Return the weights with which a user's liked items score each item.

    Args:
        liked: 1 where the user liked the item in training, CSR, shape (users, items).
        neighbours: How many similar items an item's score is made of, at least 1.
        shrink: What the denominator is raised by, at least 0: the more, the less do similarities
            count that few users have made.

    Returns:
        The weights, CSR, float32, shape (items, items): column j holds the similarities of item
        j to its nearest neighbours, equally similar ones by the lower index. The diagonal is 0.

    Raises:
        ValueError: `neighbours` or `shrink` is too small, or `liked` is not binary.
    """
    if neighbours < 1:
        raise ValueError(f"neighbours is {neighbours}; keep at least one")
    if not shrink >= 0:
        raise ValueError(f"shrink is {shrink}; it must be at least 0")
    counts = likes.counts(liked)
    items = liked.shape[1]
    by_item = liked.T.tocsr()
    step = likes.block_items(items)
    nearest = np.zeros((items, min(neighbours, items)), np.int32)
    similarities = np.zeros(nearest.shape, np.float32)

    def rank(start: int) -> None:
        common = likes.users_in_common(by_item[start : start + step], liked)
        for item, shared in enumerate(common, start):
            shared[item] = 0
            others = np.flatnonzero(shared)
            values = shared[others] / (np.sqrt(counts[item] * counts[others]) + shrink)
            chosen = best(values, neighbours)
            nearest[item, : len(chosen)] = others[chosen]
            similarities[item, : len(chosen)] = values[chosen]

    on_all_cores(rank, range(0, items, step))
    there = similarities > 0
    starts = np.concatenate(([0], np.cumsum(there.sum(1))))
    by_column = (similarities[there], nearest[there], starts)
    return sp.csc_array(by_column, (items, items)).tocsr()
