"""What a preparation is told: column roles, labels, split, and how to read the files."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PredictorType = Literal["binary_classifier", "regressor"]
FeatureKind = Literal["categorical", "multi_valued", "numeric"]
Strategy = Literal["random", "time", "leave_last_out"]


class Strict(BaseModel):
    """Refuses keys it does not know, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Feature(Strict):
    """A side feature: a column of the input, and what its values are.

    kind None: as the file declares it (a typed header's `float` or `token_seq`, Parquet's
    floating-point or list columns), and categorical when it declares nothing.
    """

    name: str
    kind: FeatureKind | None = None
    separator: str = Field(default="|", min_length=1)


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


FeatureOrName = Annotated[Feature, BeforeValidator(_named)]


class Columns(Strict):
    """The column of each role. A feature may be given by its name alone."""

    user: str = "user_id"
    item: str = "item_id"
    label: str
    timestamp: str | None = None
    user_features: tuple[FeatureOrName, ...] = ()
    item_features: tuple[FeatureOrName, ...] = ()
    context_features: tuple[FeatureOrName, ...] = ()

    @model_validator(mode="after")
    def _one_role_each(self) -> Self:
        names = [name for name in (self.user, self.item, self.label, self.timestamp) if name]
        names += [feature.name for feature in self.features]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column {twice[0]!r} has two roles")
        return self

    @property
    def features(self) -> tuple[Feature, ...]:
        return (*self.user_features, *self.item_features, *self.context_features)


class Label(Strict):
    """For a binary classifier, the value from which on the label is 1; None: it is 0 or 1."""

    positive_at_least: float | None = Field(default=None, allow_inf_nan=False)


class Split(Strict):
    """How interactions are divided into a training and a test part.

    random: any rows. time: the latest rows. leave_last_out: the latest row of each user who has
    more than one; `test_fraction` does not apply.
    """

    strategy: Strategy = "random"
    test_fraction: float = Field(default=0.2, gt=0, lt=1)
    seed: int = Field(default=42, ge=0)


class PrepareSettings(Strict):
    """Everything that `prepare` can be told.

    columns None: roles are detected from the names. separator and encoding: of CSV; separator None:
    detected. min_count: ids seen fewer times in the training part share the field's
    out-of-vocabulary column.
    """

    columns: Columns | None = None
    label: Label = Label()
    split: Split = Split()
    predictor_type: PredictorType = "binary_classifier"
    min_count: int = Field(default=1, ge=1)
    separator: str | None = Field(default=None, min_length=1, max_length=2)
    encoding: str = "utf-8"

    @model_validator(mode="after")
    def _threshold_is_for_classes(self) -> Self:
        if self.predictor_type == "regressor" and self.label.positive_at_least is not None:
            raise ValueError("label.positive_at_least is for predictor_type binary_classifier")
        return self
