"""Top-N lists without a factorization machine: by item-item weights, or the same for everybody.

What the lists of a model are compared with; the contract of `top_n` is that of `fm.top_n`.
"""

from collections.abc import Sequence

import numpy as np

from fm.arrays import CsrRows, Float32s, Int64s, Integers, Numbers
from fm.best import best_lists


class ItemWeights:
    """Lists by what a user's items add to each item's score: EASE, or nearest neighbours.

    Its length is the number of items.
    """

    def __init__(self, weights: "Float32s | CsrRows") -> None:
        """Keep the weights; they are not copied.

        Args:
            weights: Row i is what item i in a history adds to every item's score; float32, shape
                (items, items), dense in C order (`fm.ease`) or CSR (`fm.item_knn`).

        Raises:
            ValueError: The weights are not square.
        """
        if weights.shape[0] != weights.shape[1]:
            raise ValueError(f"the weights have the shape {weights.shape}; it must be square")
        self._weights = weights

    def __len__(self) -> int:
        return int(self._weights.shape[0])

    def top_n(
        self, histories: CsrRows, n: int, exclude: Sequence[Integers] | None = None
    ) -> tuple[Int64s, Float32s]:
        """Return the `n` best items of each history, best first; ties go to the lower index.

        Args:
            histories: 1 for each item of a history, CSR, float32, shape (m, items).
            n: How many items to return, at least 1.
            exclude: Item indices never to recommend, one array per history: as a rule also the
                history's own, which compete like all others if they are not here.

        Returns:
            Item indices, int64, and scores, float32, both of shape (m, min(n, items)). A history
            with fewer items left is filled up with index -1 and score NaN.

        Raises:
            ValueError: `n` is not positive, `exclude` has another number of arrays than there
                are histories, or the histories are not as wide as the weights.
        """
        if histories.shape[1] != len(self):
            raise ValueError(
                f"the histories have {histories.shape[1]} items, the weights have {len(self)}"
            )

        def scores(start: int, end: int) -> Float32s:
            block = histories[start:end] @ self._weights
            return np.asarray(block if isinstance(block, np.ndarray) else block.toarray())

        return best_lists(scores, (int(histories.shape[0]), len(self)), n, exclude)


class ItemScores:
    """Lists by one score for each item whoever asks, such as how many users like it.

    Its length is the number of items.
    """

    def __init__(self, scores: Numbers) -> None:
        """Keep the scores.

        Args:
            scores: One for each item, shape (items,); counts are exact up to 2^24.
        """
        self._scores = scores.astype(np.float32)

    def __len__(self) -> int:
        return len(self._scores)

    def top_n(
        self, histories: CsrRows, n: int, exclude: Sequence[Integers] | None = None
    ) -> tuple[Int64s, Float32s]:
        """Return the `n` best items for each history, as `ItemWeights.top_n` does.

        Only the number of the histories matters, and what each must not be shown (`exclude`).
        """
        shape = int(histories.shape[0]), len(self)
        return best_lists(
            lambda start, end: np.tile(self._scores, (end - start, 1)), shape, n, exclude
        )
