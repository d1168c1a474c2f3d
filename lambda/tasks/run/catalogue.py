"""The users and items of a run as feature rows, and the items that each user has seen or liked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from data_prep.encoder import Encoder
from data_prep.manifest import Field
from fm.arrays import CsrRows, Int64s


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Users and items by their index among the encoder's ids.

    Attributes:
        encoder: that of the run.
        item_rows: the items' features alone, CSR, float32, shape (items, d).
        item_counts: the items' training rows, or for ranking their likes, int64, shape (items,).
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

    @property
    def history_field(self) -> Field | None:
        """The field with the items that a user liked; None where users have columns instead."""
        field = self.encoder.manifest.field("user")
        return field if field.kind == "history" else None

    @property
    def item_columns(self) -> slice:
        """The feature columns of the items, in order, without that of unknown ones."""
        start = self.encoder.manifest.field("item").start
        return slice(start, start + self.items)

    def user_rows(self, users: Int64s, histories: Sequence[Int64s] | None = None) -> CsrRows:
        """Return the users' features alone, CSR, shape (len(users), d).

        Args:
            users: indices of the users.
            histories: what each is known by, as indices of items, oldest first; None: what
                training knows.
        """
        rows: CsrRows = self.encoder.encode_users(self._ids(users), histories)
        return rows

    def seen(self, users: Int64s) -> Sequence[Int64s]:
        """Return the indices of the items that each user has in training."""
        return [self.encoder.seen_items(user) for user in self._ids(users)]

    def histories(self, users: Int64s) -> Sequence[Int64s]:
        """Return the indices of the items that each user liked in training, oldest first."""
        return [self.encoder.history(user) for user in self._ids(users)]

    def liked(self, histories: Sequence[Int64s]) -> CsrRows:
        """Return 1 for each item of each history, CSR, float32, shape (len(histories), items)."""
        starts = np.concatenate(([0], np.cumsum([len(history) for history in histories])))
        items = np.concatenate([np.empty(0, np.int64), *histories])
        ones = np.ones(len(items), np.float32)
        liked = sp.csr_array((ones, items, starts), shape=(len(histories), self.items))
        liked.sort_indices()
        return liked

    def item_names(self, items: Int64s) -> list[str]:
        """Return what people call the items: their titles, or else their ids."""
        ids = [self.encoder.item_ids[item] for item in items.tolist()]
        return [self.encoder.titles.get(item, item) for item in ids]

    def _ids(self, users: Int64s) -> list[str]:
        ids = self.encoder.user_ids
        return [ids[user] for user in users.tolist()]
