"""The average row ranks items as the mean over all known users does."""

import numpy as np
import scipy.sparse as sp

from fm import scoring
from fm.cold_start import average_row
from fm.model import Model
from fm.recommend import ItemBlock

USERS, ITEMS, D = 12, 20, 34


def test_it_ranks_items_by_their_mean_raw_score(model: Model) -> None:
    wide = Model(model.bias, model.linear[:D], model.factors[:D], "regressor")
    identity = sp.csr_array(np.eye(D, dtype=np.float32))
    users, items = identity[:USERS], identity[USERS : USERS + ITEMS]
    weights = np.arange(1, USERS + 1)
    pairs = np.array(
        [
            [scoring.raw_scores(wide, users[[u]] + items[[i]])[0] for i in range(ITEMS)]
            for u in range(USERS)
        ]
    )
    expected = np.argsort(-(weights @ pairs), kind="stable")
    best, _ = ItemBlock(wide, items).top_n(average_row(users, weights), ITEMS)
    assert best[0].tolist() == expected.tolist()
