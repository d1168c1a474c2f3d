"""The fields of a feature row, in the order of their columns, and where the spool keeps each."""

from dataclasses import dataclass

from data_prep.manifest import Role
from data_prep.pipeline.spool import TIME
from data_prep.settings import OF_TIME, Columns, Feature, FeatureKind
from data_prep.sources.arrow_types import Form

USER, ITEM = "user", "item"


@dataclass(frozen=True)
class FieldPlan:
    """A field: `key` is its column in the spool, `column` that in the input."""

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
    def form(self) -> Form:
        return "text" if self.coded else "number"


def plan(columns: Columns) -> tuple[FieldPlan, ...]:
    """The fields of resolved columns: user, item, then the features in the order given."""
    fields = [
        FieldPlan(USER, "user", columns.user, "categorical"),
        FieldPlan(ITEM, "item", columns.item, "categorical"),
    ]
    roles: list[tuple[Role, tuple[Feature, ...]]] = [
        ("user_feature", columns.user_features),
        ("item_feature", columns.item_features),
        ("context_feature", columns.context_features),
    ]
    for role, features in roles:
        for feature in features:
            kind = feature.kind or "categorical"
            key = TIME if kind in OF_TIME else f"feature{len(fields)}"
            fields.append(FieldPlan(key, role, feature.name, kind, feature.separator))
    return tuple(fields)
