"""The fields of a feature row, in the order of their columns, and where the spool keeps each."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_prep.column_settings import OF_TIME, Columns, Feature, FeatureKind
from data_prep.manifest import Role
from data_prep.pipeline.spool import ITEM, TIME, USER
from data_prep.sources.arrow_types import ColumnType


@dataclass(frozen=True)
class InputField:
    """A field as it comes from the input.

    Attributes:
        key: its column in the spool.
        role: what it belongs to.
        column: its column in the input.
        kind: how its values become features.
        separator: between the members of a multi-valued text.
        joined_by: the key of the ids by which a table has its values; None: the rows have them.
    """

    key: str
    role: Role
    column: str
    kind: FeatureKind
    separator: str | None = None
    joined_by: str | None = None

    @property
    def coded(self) -> bool:
        """Whether the spool holds codes of texts."""
        return self.kind in ("categorical", "multi_valued")

    @property
    def is_id(self) -> bool:
        """Whether the field is the user or the item, which every row must have."""
        return self.role in ("user", "item")

    @property
    def column_type(self) -> ColumnType:
        """The type that the input column is read as."""
        return "text" if self.coded else "number"


def input_fields(
    columns: Columns, user_table: Sequence[Feature] = (), item_table: Sequence[Feature] = ()
) -> tuple[InputField, ...]:
    """Return the fields of a row: user, item, then features of users, items and contexts.

    Args:
        columns: the resolved columns of the interactions.
        user_table: the features of the table of users, which follow those of the interactions.
        item_table: those of the table of items.
    """
    fields = [
        InputField(USER, "user", columns.user, "categorical"),
        InputField(ITEM, "item", columns.item, "categorical"),
    ]
    features_of: list[tuple[Role, Sequence[Feature], str | None]] = [
        ("user_feature", columns.user_features, None),
        ("user_feature", user_table, USER),
        ("item_feature", columns.item_features, None),
        ("item_feature", item_table, ITEM),
        ("context_feature", columns.context_features, None),
    ]
    for role, features, joined_by in features_of:
        for feature in features:
            kind = feature.kind or "categorical"
            key = TIME if kind in OF_TIME else f"feature{len(fields)}"
            fields.append(InputField(key, role, feature.name, kind, feature.separator, joined_by))
    return tuple(fields)
