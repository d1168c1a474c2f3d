"""The settings of a preparation: column roles, labels, split, and how to read the files."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PredictorType = Literal["binary_classifier", "regressor"]
FeatureKind = Literal["categorical", "multi_valued", "numeric", "hour_of_day", "day_of_week"]
_SEPARATOR = r"^[\t\x1f !#-/:-@\[-^`{-~]{1,2}$"  # ASCII that neither ids nor quoting need
OF_TIME: tuple[FeatureKind, ...] = ("hour_of_day", "day_of_week")
Strategy = Literal["random", "time", "leave_last_out"]


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
    separator: str | None = Field(default=None, pattern=_SEPARATOR)
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


class Label(Strict):
    """What a label means.

    Attributes:
        positive_at_least: for a binary classifier, the value from which on a label is 1; None:
            labels are 0 or 1.
    """

    positive_at_least: float | None = Field(default=None, allow_inf_nan=False)


class Split(Strict):
    """How interactions are split into a training and a test part.

    Attributes:
        strategy: the rows for testing; `random`: any, `time`: the latest, `leave_last_out`: the
            latest of each user who has more than one.
        test_fraction: of the rows; it does not apply to `leave_last_out`.
        seed: of all random numbers.
    """

    strategy: Strategy = "random"
    test_fraction: float = Field(default=0.2, gt=0, lt=1)
    seed: int = Field(default=42, ge=0)


class Negatives(Strict):
    """Interactions that did not happen, sampled with label 0; never one that is in the input.

    Attributes:
        per_positive: how many for each positive interaction.
        by: `uniform`: each item of the training part is equally likely; `popularity`: in
            proportion to its training rows.
    """

    per_positive: int = Field(default=4, ge=1, le=1000)
    by: Literal["uniform", "popularity"] = "uniform"


class PrepareSettings(Strict):
    """All settings of `prepare`.

    Attributes:
        columns: the column of each role; None: recognised by their usual names.
        label: what a label means.
        split: how interactions are split.
        predictor_type: what the model is to predict: a class, or a number.
        min_count: values with fewer training rows share the field's out-of-vocabulary column.
        duplicates: of rows with the same user and item, `keep` all, the `last` (by time, if there
            is one, then by order), or the last with the `sum` of their labels.
        negatives: what to sample; None: nothing.
        shards: the files of the training part, for as many training hosts.
        items, users: how the tables beside the interactions are read, if there are any.
        separator: of CSV; None: detected.
        encoding: of CSV.
    """

    columns: Columns | None = None
    label: Label = Label()
    split: Split = Split()
    predictor_type: PredictorType = "binary_classifier"
    min_count: int = Field(default=1, ge=1)
    duplicates: Literal["keep", "last", "sum"] = "keep"
    negatives: Negatives | None = None
    shards: int = Field(default=1, ge=1, le=1000)
    items: ItemTable | None = None
    users: Table | None = None
    separator: str | None = Field(default=None, pattern=_SEPARATOR)
    encoding: str = "utf-8"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        threshold = self.label.positive_at_least
        if self.predictor_type == "regressor" and threshold is not None:
            raise ValueError("label.positive_at_least is for predictor_type binary_classifier")
        if self.predictor_type == "regressor" and self.negatives is not None:
            raise ValueError("negatives are for predictor_type binary_classifier")
        columns = self.columns
        if (
            columns is not None
            and "label" in columns.model_fields_set
            and columns.label is None
            and self.negatives is None
        ):
            raise ValueError("columns.label is null; without a label, ask for negatives")
        if self.duplicates == "sum" and self.predictor_type != "regressor" and threshold is None:
            raise ValueError("duplicates by sum need label.positive_at_least, or a regressor")
        return self

    @model_validator(mode="after")
    def _features_from_one_place(self) -> Self:
        columns = self.columns or Columns()
        for name, table, inside in (
            ("items", self.items, columns.item_features),
            ("users", self.users, columns.user_features),
        ):
            outside = {feature.name for feature in table.features} if table else set[str]()
            for feature in inside:
                if feature.name in outside:
                    raise ValueError(
                        f"feature {feature.name!r} is both in columns and in {name}.features"
                    )
        return self
