"""The fields of a feature row, in the order of their columns, and where the spool keeps each."""

from dataclasses import dataclass

from data_prep.manifest import Role
from data_prep.pipeline.spool import ITEM, TIME, USER
from data_prep.settings import OF_TIME, Columns, Feature, FeatureKind
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
    """

    key: str
    role: Role
    column: str
    kind: FeatureKind
    separator: str | None = None

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


def input_fields(columns: Columns) -> tuple[InputField, ...]:
    """Return the fields of resolved columns: user, item, then the features in their order."""
    fields = [
        InputField(USER, "user", columns.user, "categorical"),
        InputField(ITEM, "item", columns.item, "categorical"),
    ]
    features_of: list[tuple[Role, tuple[Feature, ...]]] = [
        ("user_feature", columns.user_features),
        ("item_feature", columns.item_features),
        ("context_feature", columns.context_features),
    ]
    for role, features in features_of:
        for feature in features:
            kind = feature.kind or "categorical"
            key = TIME if kind in OF_TIME else f"feature{len(fields)}"
            fields.append(InputField(key, role, feature.name, kind, feature.separator))
    return tuple(fields)
