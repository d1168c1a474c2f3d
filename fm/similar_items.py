"""The items most similar to one: by the cosine of their factor vectors, exact."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from fm.arrays import CsrRows, Float32s, Int64s, Integers
from fm.model import REGRESSOR, Model
from fm.top_n import ItemBlock


class SimilarItems:
    """The items' directions, ready for any number of questions.

    Items that the same users like point the same way, since a user's score of an item is a product
    with its factor vector: all of it that the other terms leave.
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
        units = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
        # A model whose features are the items: the score of two is the product of their directions.
        self._rows = sp.eye_array(len(units), dtype=np.float32, format="csr")
        linear = np.zeros(len(units), np.float32)
        self._block = ItemBlock(Model(0.0, linear, units, REGRESSOR), self._rows)

    def top_n(
        self, item: int, n: int, exclude: Sequence[int] | Integers
    ) -> tuple[Int64s, Float32s]:
        """Return the `n` items most similar to one, the most similar first.

        Args:
            item: Its index; it is not among the result.
            n: How many items to return, at least 1.
            exclude: Indices of other items never to return.

        Returns:
            Item indices, int64, and cosines, float32, each of shape (min(n, items left),); that of
            an item whose factors are all zero is 0.
        """
        others = np.append(np.asarray(exclude, np.int64), item)
        found, cosines = self._block.top_n(self._rows[[item]], n, exclude=[others])
        there = found[0] >= 0
        return found[0][there], cosines[0][there]
