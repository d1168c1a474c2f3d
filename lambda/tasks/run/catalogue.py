"""The users and items of a run as feature rows, and what each user has had."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from data_prep.encoder import Encoder
from data_prep.manifest import Role

Ints = npt.NDArray[np.int64]


class Catalogue:
    """Users and items by their place among the encoder's ids.

    `item_rows` is a CSR array of shape (items, d) with the items' features alone; `item_counts`,
    int64, shape (items,), are their training rows.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.item_rows = encoder.encode_items(encoder.item_ids)
        self.item_counts: Ints = np.asarray(encoder.item_counts, np.int64)

    @property
    def users(self) -> int:
        """Number of users that training knows."""
        return len(self.encoder.user_ids)

    @property
    def items(self) -> int:
        """Number of items that training knows."""
        return len(self.encoder.item_ids)

    def user_rows(self, users: Ints) -> Any:
        """The users' features alone, a CSR array of shape (len(users), d)."""
        ids = self.encoder.user_ids
        return self.encoder.encode_users([ids[user] for user in users.tolist()])

    def seen(self, users: Ints) -> Sequence[Ints]:
        """Of each user the items, by place, that training has seen with them."""
        ids = self.encoder.user_ids
        return [self.encoder.seen_items(ids[user]) for user in users.tolist()]

    def places(self, rows: Any, role: Role) -> Ints:
        """Which user (or item) each row of training or test has, shape (n,); -1 for an unknown."""
        field = self.encoder.manifest.field(role)
        own = (rows.indices >= field.start) & (rows.indices < field.start + field.size)
        found = rows.indices[own].astype(np.int64) - field.start
        found[found == field.size - 1] = -1
        return np.asarray(found)
