"""The users and items of a run as feature rows, and the items that each user has seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from data_prep.encoder import Encoder
from data_prep.manifest import Role
from fm.arrays import CsrRows, Int64s


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Users and items by their index among the encoder's ids.

    Attributes:
        encoder: that of the run.
        item_rows: the items' features alone, CSR, float32, shape (items, d).
        item_counts: the items' training rows, int64, shape (items,).
    """

    encoder: Encoder
    item_rows: CsrRows
    item_counts: Int64s

    @classmethod
    def build(cls, encoder: Encoder) -> Self:
        """Return the catalogue of all users and items that the encoder knows."""
        items = encoder.encode_items(encoder.item_ids)
        return cls(encoder, items, np.asarray(encoder.item_counts, np.int64))

    @property
    def users(self) -> int:
        """Number of users that training knows."""
        return len(self.encoder.user_ids)

    @property
    def items(self) -> int:
        """Number of items that training knows."""
        return len(self.encoder.item_ids)

    def user_rows(self, users: Int64s) -> CsrRows:
        """Return the users' features alone, CSR, shape (len(users), d)."""
        rows: CsrRows = self.encoder.encode_users(self._ids(users))
        return rows

    def seen(self, users: Int64s) -> Sequence[Int64s]:
        """Return the indices of the items that each user has in training."""
        return [self.encoder.seen_items(user) for user in self._ids(users)]

    def indices(self, rows: CsrRows, role: Role) -> Int64s:
        """Return the index of each row's user (or item), shape (n,); -1 for an unknown one.

        Args:
            rows: rows of the training or test part, CSR, shape (n, d).
            role: "user" or "item".
        """
        field = self.encoder.manifest.field(role)
        in_field = (rows.indices >= field.start) & (rows.indices < field.start + field.size)
        indices = rows.indices[in_field].astype(np.int64) - field.start
        indices[indices == field.size - 1] = -1
        return indices

    def _ids(self, users: Int64s) -> list[str]:
        ids = self.encoder.user_ids
        return [ids[user] for user in users.tolist()]
