"""Users and items to feature rows, the way the training data was encoded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from data_prep import vocabulary
from data_prep.errors import InputError
from data_prep.manifest import Field, Manifest


class Encoder:
    """The vocabulary of a preparation. Ids are strings, exactly as in its input.

    user_ids, item_ids: those that training knows, the most frequent first; user_counts,
    item_counts: their training rows; user_columns, item_columns (int64): their feature columns.
    """

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self._user = manifest.field("user")
        self._item = manifest.field("item")
        self.user_ids, self.user_counts = _values(directory, self._user)
        self.item_ids, self.item_counts = _values(directory, self._item)
        self._user_place = {value: place for place, value in enumerate(self.user_ids)}
        self._item_place = {value: place for place, value in enumerate(self.item_ids)}
        self._offsets, self._seen = vocabulary.load_seen(directory / vocabulary.DIRECTORY)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The encoder of the preparation in `directory`; raises InputError if it is damaged."""
        return cls(directory, Manifest.load(directory))

    @property
    def feature_dim(self) -> int:
        return self.manifest.feature_dim

    @property
    def user_columns(self) -> NDArray[np.int64]:
        return self._user.start + np.arange(len(self.user_ids))

    @property
    def item_columns(self) -> NDArray[np.int64]:
        return self._item.start + np.arange(len(self.item_ids))

    def user_column(self, user: str) -> int:
        """The user's feature column; that of unknown users if training does not know this one."""
        return self._user.start + self._user_place.get(user, len(self.user_ids))

    def item_column(self, item: str) -> int:
        """The item's feature column; that of unknown items if training does not know this one."""
        return self._item.start + self._item_place.get(item, len(self.item_ids))

    def seen_items(self, user: str) -> NDArray[np.int64]:
        """Places in `item_ids` (k,), sorted, of the items that the user has in training.

        Whatever their label: an item that was rated badly has been seen. Empty for a user whom
        training does not know.
        """
        place = self._user_place.get(user)
        if place is None:
            return np.empty(0, np.int64)
        items = np.unique(self._seen[self._offsets[place] : self._offsets[place + 1]])
        return items[items < len(self.item_ids)].astype(np.int64)

    def encode(self, users: Sequence[str], items: Sequence[str]) -> Any:
        """Rows (n, feature_dim), a csr_array of float32, of n pairs of a user and an item."""
        if len(users) != len(items):
            raise InputError(f"there are {len(users)} users and {len(items)} items")
        keys = np.empty((len(users), 2), np.int64)
        keys[:, 0] = [self.user_column(user) for user in users]
        keys[:, 1] = [self.item_column(item) for item in items]
        indptr = np.arange(0, keys.size + 1, 2)
        values = np.ones(keys.size, np.float32)
        return sp.csr_array((values, keys.ravel(), indptr), shape=(len(users), self.feature_dim))


def _values(directory: Path, field: Field) -> tuple[list[str], NDArray[np.int64]]:
    if field.vocabulary is None:
        raise InputError(f"field {field.name!r} has no vocabulary", file=str(directory))
    return vocabulary.load_values(directory / field.vocabulary)
