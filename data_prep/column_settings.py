"""The settings of columns: which has which role, in interactions and in tables beside them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

FeatureKind = Literal["categorical", "multi_valued", "numeric", "hour_of_day", "day_of_week"]
SEPARATOR = r"^[\t\x1f !#-/:-@\[-^`{-~]{1,2}$"  # ASCII that neither ids nor quoting need
OF_TIME: tuple[FeatureKind, ...] = ("hour_of_day", "day_of_week")


class Strict(BaseModel):
    """A model that refuses unknown keys and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Feature(Strict):
    """A side feature: a column of the input, and what its values are.

    Attributes:
        name: the column.
        kind: how its values become features; None: as the file declares it (a typed header's
            `float` or `token_seq`, the type of a Parquet column, a JSON list), and categorical when
            it declares nothing. hour_of_day and day_of_week, in UTC, are context features made of
            the timestamp column.
        separator: between the members of a multi-valued text; None: as the file declares it, and a
            bar when it does not.
    """

    name: str
    kind: FeatureKind | None = None
    separator: str | None = Field(default=None, min_length=1)


def _feature_of_name(value: Any) -> Any:  # unchecked input: a name, or what makes a Feature
    return {"name": value} if isinstance(value, str) else value


FeatureOrName = Annotated[Feature, BeforeValidator(_feature_of_name)]


class Columns(Strict):
    """The column of each role; those that are not named are recognised by their usual names.

    Attributes:
        user: the user's id.
        item: the item's id.
        label: the label; None: every interaction is positive, and `negatives` are required.
        timestamp: the time; None: times are not read.
        user_features, item_features, context_features: side features of the user, of the item, and
            of the interaction; a name alone stands for a Feature of that name.
    """

    user: str = "user_id"
    item: str = "item_id"
    label: str | None = None
    timestamp: str | None = None
    user_features: tuple[FeatureOrName, ...] = ()
    item_features: tuple[FeatureOrName, ...] = ()
    context_features: tuple[FeatureOrName, ...] = ()

    @model_validator(mode="after")
    def _one_role_each(self) -> Self:
        names = [name for name in (self.user, self.item, self.label, self.timestamp) if name]
        names += [feature.name for feature in self.features if feature.kind not in OF_TIME]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column {twice[0]!r} has two roles")
        for feature in self.features:
            if feature.kind in OF_TIME and (
                feature.name != self.timestamp or feature not in self.context_features
            ):
                raise ValueError(
                    f"{feature.kind} of {feature.name!r}: it is a context feature, and its name is "
                    "that of the timestamp column"
                )
        return self

    @property
    def features(self) -> tuple[Feature, ...]:
        """All side features, in the order of their columns in a feature row."""
        return (*self.user_features, *self.item_features, *self.context_features)

    @property
    def names(self) -> list[str]:
        """The columns that a file of interactions must have."""
        roles = (self.user, self.item, self.label, self.timestamp)
        named = [name for name in roles if name is not None]
        return [*named, *(feature.name for feature in self.features)]


class Table(Strict):
    """A table beside the interactions: a row for each user, joined to theirs by the id.

    Attributes:
        id: the column of the id; None: the one named as in the interactions, or by a usual name.
        features: the columns that become side features, of any kind but those of time; a name alone
            stands for a Feature of that name.
        separator: of CSV; None: detected.
        encoding: of CSV; None: that of the interactions.
    """

    id: str | None = None
    features: tuple[FeatureOrName, ...] = ()
    separator: str | None = Field(default=None, pattern=SEPARATOR)
    encoding: str | None = None

    @model_validator(mode="after")
    def _one_role_each(self) -> Self:
        names = self.names
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"column {twice!r} has two roles")
        for feature in self.features:
            if feature.kind in OF_TIME:
                raise ValueError(f"{feature.kind} of {feature.name!r}: it is of interactions alone")
        return self

    @property
    def names(self) -> list[str]:
        """The columns that are named."""
        named = [] if self.id is None else [self.id]
        return [*named, *(feature.name for feature in self.features)]


class ItemTable(Table):
    """A table of items, whose titles are kept.

    Attributes:
        title: the column of what people call the item; None: by a usual name, if there is one.
    """

    title: str | None = None

    @property
    def names(self) -> list[str]:
        """The columns that are named."""
        return [*super().names, *([] if self.title is None else [self.title])]
