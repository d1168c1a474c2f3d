"""Users and items to feature rows, the way the training data was encoded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.manifest import Field, Manifest, Role
from data_prep.pipeline import features, vocabulary
from data_prep.pipeline.features import FieldEncoder
from data_prep.pipeline.fit import encoder_of

Contexts = Mapping[str, Sequence[str] | Sequence[float]]
_NONE = ""  # the text of a missing side feature


class Encoder:
    """The vocabulary of a preparation. Ids are strings, exactly as in its input.

    user_ids, item_ids: those that training knows, the most frequent first; user_counts,
    item_counts: their training rows; user_columns, item_columns (int64): their feature columns.
    """

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self._known = {
            field: vocabulary.load(directory / field.vocabulary)
            for field in manifest.fields
            if field.vocabulary is not None
        }
        self._user, self._item = manifest.field("user"), manifest.field("item")
        self.user_ids, self.user_counts = self._known[self._user]
        self.item_ids, self.item_counts = self._known[self._item]
        self._user_place = {value: place for place, value in enumerate(self.user_ids)}
        self._item_place = {value: place for place, value in enumerate(self.item_ids)}
        self._offsets, self._seen = vocabulary.load_seen(directory / vocabulary.DIRECTORY)
        self._user_rows = self._profiles(directory, self._user)
        self._item_rows = self._profiles(directory, self._item)

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

        Whatever their label: an item that was rated badly has been seen. Sampled negatives do not
        count. Empty for a user whom training does not know.
        """
        place = self._user_place.get(user)
        if place is None:
            return np.empty(0, np.int64)
        items = np.unique(self._seen[self._offsets[place] : self._offsets[place + 1]])
        return items[items < len(self.item_ids)].astype(np.int64)

    def encode(
        self, users: Sequence[str], items: Sequence[str], contexts: Contexts | None = None
    ) -> Any:
        """Rows (n, feature_dim), a csr_array of float32, of n pairs of a user and an item.

        Side features are those of the user's or item's last training row; an unknown one has none,
        the mean of numeric ones. contexts: by column, the n values of each context feature (texts,
        numbers, or times in seconds since 1970).
        """
        if len(users) != len(items):
            raise InputError(f"there are {len(users)} users and {len(items)} items")
        rows = self.encode_users(users) + self.encode_items(items)
        if self._fields("context_feature"):
            rows = rows + self.encode_contexts(len(users), contexts or {})
        return rows

    def encode_users(self, users: Sequence[str]) -> Any:
        """The part (n, feature_dim) of a row that depends on the user alone."""
        return self._user_rows[[self._user_place.get(user, -1) for user in users]]

    def encode_items(self, items: Sequence[str]) -> Any:
        """The part (n, feature_dim) of a row that depends on the item alone."""
        return self._item_rows[[self._item_place.get(item, -1) for item in items]]

    def encode_contexts(self, count: int, contexts: Contexts) -> Any:
        """The part (count, feature_dim) of rows that depends on the context alone."""
        columns = self._given("context_feature", count, contexts)
        return self._matrix(self._fields("context_feature"), columns)

    def encode_new_items(self, count: int, features: Contexts) -> Any:
        """The part (count, feature_dim) of rows of items that training does not know.

        features: by column, the values (count,) of each side feature of items.
        """
        columns = {self._item.key: pa.nulls(count, pa.string())}
        columns |= self._given("item_feature", count, features)
        return self._matrix([self._item, *self._fields("item_feature")], columns)

    def _profiles(self, directory: Path, owner: Field) -> Any:
        """The rows (ids + 1, feature_dim) of each known id, in order, and of an unknown one."""
        ids = self._known[owner][0]
        own = self._fields("user_feature" if owner.role == "user" else "item_feature")
        table = (
            vocabulary.read_table(
                directory / vocabulary.DIRECTORY / f"{owner.role}_features.parquet"
            )
            if own
            else pa.table({})
        )
        columns: dict[str, Any] = {owner.role: pa.array([*ids, None], pa.string())}
        for field in own:
            key = field.key
            values = table.column(key).to_pylist()
            numeric = field.kind == "numeric"
            columns[key] = pa.array([*values, field.mean if numeric else None])
        return self._matrix([owner, *own], columns)

    def _fields(self, role: Role) -> list[Field]:
        return [field for field in self.manifest.fields if field.role == role]

    def _given(self, role: Role, count: int, given: Contexts) -> dict[str, Any]:
        """The values (count,) of the role's fields, by their keys."""
        columns: dict[str, Any] = {}
        for field in self._fields(role):
            if field.name not in given or len(given[field.name]) != count:
                raise InputError(
                    f"{count} values of the {role.replace('_', ' ')} are needed",
                    column=field.name,
                    fix="Give one for each row",
                )
            columns[field.key] = pa.array(given[field.name])
        return columns

    def _matrix(self, fields: list[Field], columns: dict[str, Any]) -> Any:
        """Encode columns of texts (None: unknown) or numbers, by the fields' keys."""
        kinds = {field.key: "<i4" if field in self._known else "<f8" for field in fields}
        rows = np.empty(len(columns[fields[0].key]), list(kinds.items()))
        encoders: list[FieldEncoder] = []
        for field in fields:
            column, values, known = (
                columns[field.key],
                [_NONE],
                self._known.get(field, ([], None))[0],
            )
            if field in self._known:
                coded = column.cast(pa.string()).dictionary_encode()
                values = [*coded.dictionary.to_pylist(), _NONE]
                column = coded.indices.fill_null(len(values) - 1)
            rows[field.key] = column.to_numpy(zero_copy_only=False)
            encoders.append(encoder_of(field, field.key, values, known))
        return features.matrix(encoders, rows, self.feature_dim)
