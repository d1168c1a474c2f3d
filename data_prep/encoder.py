"""Users and items to feature rows, encoded as the training data was."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from contract.s3_layout import VOCABULARY_FOLDER
from data_prep.arrays import CsrRows, Int64s
from data_prep.errors import InputError
from data_prep.manifest import Field, Manifest, Role
from data_prep.pipeline.column_encoding import (
    FeatureColumns,
    Vocabularies,
    arrow_columns,
    encode_columns,
    rows_of_ids,
)
from data_prep.pipeline.history_encoder import history_rows
from data_prep.pipeline.user_items import HISTORY, SEEN, UserItems
from data_prep.pipeline.vocabulary import TITLES_FILE, load_titles, load_vocabulary


class Encoder:
    """The encoding of a preparation. Ids are strings, exactly as in its input.

    Attributes:
        manifest: of the preparation.
        user_ids, item_ids: those that training knows, the most frequent first.
        user_counts, item_counts: their training rows; for purpose ranking, all that is known of a
            user, and the positives of an item that are trained on.
        titles: of the known items that have one, by id.
    """

    def __init__(
        self,
        manifest: Manifest,
        vocabularies: Vocabularies,
        seen_items: UserItems,
        histories: UserItems | None,
        user_rows: CsrRows,
        item_rows: CsrRows,
        titles: Mapping[str, str],
    ) -> None:
        """Take what a preparation wrote; `Encoder.load` reads it.

        Args:
            manifest: of the preparation.
            vocabularies: of the fields that have one, by key.
            seen_items: the items of each user, as indices.
            histories: those that each was positive about; None where no history stands for a user.
            user_rows: (users + 1, feature_dim), the part of a row that depends on the user alone,
                without the history: of each known one, in order, and of an unknown one.
            item_rows: (items + 1, feature_dim), likewise for the item.
            titles: of items, by id.
        """
        self.manifest = manifest
        self._user, self._item = manifest.field("user"), manifest.field("item")
        self.user_ids, self.user_counts = vocabularies[self._user.key]
        self.item_ids, self.item_counts = vocabularies[self._item.key]
        self.titles = titles
        self._vocabularies = vocabularies
        self._seen_items, self._histories = seen_items, histories
        self._user_rows, self._item_rows = user_rows, item_rows
        self._user_index = {user: index for index, user in enumerate(self.user_ids)}
        self._item_index = {item: index for index, item in enumerate(self.item_ids)}

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read the encoder of the preparation in `directory`.

        Raises:
            InputError: a file is missing or damaged.
        """
        manifest = Manifest.load(directory)
        vocabularies = {
            field.key: load_vocabulary(directory / field.vocabulary)
            for field in manifest.fields
            if field.vocabulary is not None
        }
        folder = directory / VOCABULARY_FOLDER
        seen_items = UserItems.load(folder, SEEN)
        histories = None if manifest.history is None else UserItems.load(folder, HISTORY)
        user_rows = rows_of_ids(directory, manifest, vocabularies, "user", "user_feature")
        item_rows = rows_of_ids(directory, manifest, vocabularies, "item", "item_feature")
        titles: Mapping[str, str] = {}
        if manifest.has_titles:
            items = vocabularies[manifest.field("item").key].values
            titles = load_titles(directory / TITLES_FILE, items)
        return cls(manifest, vocabularies, seen_items, histories, user_rows, item_rows, titles)

    @property
    def feature_dim(self) -> int:
        """The number of columns of a row."""
        return self.manifest.feature_dim

    @property
    def most_history(self) -> int | None:
        """How many items stand for a user at most; None where the user has a column."""
        history = self.manifest.history
        return None if history is None else history.most

    @property
    def user_columns(self) -> Int64s:
        """The feature column (users,) of each known user, in the order of `user_ids`.

        Empty where histories stand for the users.
        """
        users = 0 if self.most_history else len(self.user_ids)
        return self._user.start + np.arange(users)

    @property
    def item_columns(self) -> Int64s:
        """The feature column (items,) of each known item, in the order of `item_ids`."""
        return self._item.start + np.arange(len(self.item_ids))

    def seen_items(self, user: str) -> Int64s:
        """Return the items that a user has in training, as sorted indices of `item_ids` (k,).

        Their labels do not matter: an item that was rated badly has been seen. Sampled negatives do
        not count. Empty for a user whom training does not know.
        """
        index = self._user_index.get(user)
        if index is None:
            return np.empty(0, np.int64)
        items = np.unique(self._seen_items.of_user(index))
        return items[items < len(self.item_ids)].astype(np.int64)

    def history(self, user: str) -> Int64s:
        """Return the items that a user was positive about in training, as indices of `item_ids`.

        Oldest first, each once (k,); of these the newest `most_history` stand for the user. Empty
        for a user whom training does not know, and where the user has a column instead.
        """
        index = self._user_index.get(user)
        if index is None or self._histories is None:
            return np.empty(0, np.int64)
        return self._histories.of_user(index).astype(np.int64)

    def item_indices(self, items: Sequence[str]) -> Int64s:
        """Return the index of each item (n,) in `item_ids`, -1 for one that training lacks."""
        return np.array([self._item_index.get(item, -1) for item in items], np.int64)

    def encode(
        self,
        users: Sequence[str],
        items: Sequence[str],
        contexts: FeatureColumns | None = None,
        histories: Sequence[Int64s] | None = None,
    ) -> CsrRows:
        """Encode pairs of a user and an item.

        Side features are those of the user's or item's last training row; an unknown one has none,
        and the mean of numeric ones.

        Args:
            users: (n,) the users.
            items: (n,) the items.
            contexts: n values of each context feature, by its column of the input.
            histories: as for `encode_users`.

        Returns:
            Rows (n, feature_dim), csr_array of float32.

        Raises:
            InputError: the numbers of users, items or values differ, a context is missing, or
                histories are given where the user has a column.
        """
        if len(users) != len(items):
            raise InputError(f"there are {len(users)} users and {len(items)} items")
        rows = self.encode_users(users, histories) + self.encode_items(items)
        if self._fields("context_feature"):
            rows = rows + self.encode_contexts(len(users), contexts or {})
        return rows

    def encode_users(
        self, users: Sequence[str], histories: Sequence[Int64s] | None = None
    ) -> CsrRows:
        """Return the part (n, feature_dim) of rows that depends on the user alone.

        Args:
            users: (n,) the users.
            histories: (n,) what stands for each user, as indices of `item_ids`, oldest first and
                each once; the newest `most_history` count. None: what training knows.

        Raises:
            InputError: there are histories for another number of users, or the user has a column.
        """
        rows = self._user_rows[[self._user_index.get(user, -1) for user in users]]
        most = self.most_history
        if most is None:
            if histories is not None:
                raise InputError(
                    "histories do not stand for users here",
                    fix="Prepare the data for purpose ranking",
                )
            return rows
        if histories is None:
            histories = [self.history(user) for user in users]
        if len(histories) != len(users):
            raise InputError(f"there are {len(users)} users and {len(histories)} histories")
        return rows + history_rows(histories, self._user.start, most, self.feature_dim)

    def encode_items(self, items: Sequence[str]) -> CsrRows:
        """Return the part (n, feature_dim) of rows that depends on the item alone."""
        return self._item_rows[[self._item_index.get(item, -1) for item in items]]

    def encode_contexts(self, count: int, contexts: FeatureColumns) -> CsrRows:
        """Return the part (count, feature_dim) of rows that depends on the context alone.

        Args:
            count: the number of rows.
            contexts: as many values of each context feature, by its column of the input.

        Raises:
            InputError: a context is missing, or has another number of values.
        """
        fields = self._fields("context_feature")
        columns = arrow_columns(fields, count, contexts)
        return encode_columns(fields, columns, self._vocabularies, self.feature_dim)

    def encode_new_items(self, count: int, features: FeatureColumns) -> CsrRows:
        """Return the part (count, feature_dim) of rows of items that training does not know.

        Args:
            count: the number of items.
            features: as many values of each side feature of items, by its column of the input.

        Raises:
            InputError: a feature is missing, or has another number of values.
        """
        fields = self._fields("item_feature")
        columns = {self._item.key: pa.nulls(count, pa.string())}
        columns |= arrow_columns(fields, count, features)
        fields = [self._item, *fields]
        return encode_columns(fields, columns, self._vocabularies, self.feature_dim)

    def _fields(self, role: Role) -> list[Field]:
        return [field for field in self.manifest.fields if field.role == role]
