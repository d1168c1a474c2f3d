"""The items most similar to one: by the cosine of their factor vectors, exact."""

from collections.abc import Sequence

import numpy as np

from fm.arrays import CsrRows, Float32s, Int64s, Integers
from fm.best import best
from fm.model import Model


class SimilarItems:
    """The items' directions, ready for any number of questions.

    An item's score for a user is the product of its factor vector with one of the user's, beside
    constants: items that point the same way rise and fall together, for all users.
    """

    def __init__(self, model: Model, items: CsrRows) -> None:
        """Compute the items' directions.

        Args:
            model: A model of d features.
            items: Rows with the items' features only, CSR, shape (number of items, d). An item's
                factor vector is V'x, the sum over its features.
        """
        vectors = np.asarray(items.astype(np.float32) @ model.factors, np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._units = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)

    def top_n(
        self, item: int, n: int, exclude: Sequence[int] | Integers = ()
    ) -> tuple[Int64s, Float32s]:
        """Return the `n` items most similar to one, the most similar first; ties by index.

        Args:
            item: Its index; it is not among the result.
            n: How many items to return, at least 1.
            exclude: Indices of other items never to return.

        Returns:
            Item indices, int64, and cosines, float32, each of shape (min(n, items left),). The
            cosine with an item whose factors are all zero is 0.
        """
        cosines = self._units @ self._units[item]
        cosines[np.append(np.asarray(exclude, np.int64), item)] = -np.inf
        found = best(cosines, n)
        return found, cosines[found]
