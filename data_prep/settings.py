"""The settings of a preparation: column roles, labels, split, and how to read the files."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from data_prep.column_settings import SEPARATOR, Columns, ItemTable, Strict, Table

PredictorType = Literal["binary_classifier", "regressor"]
Purpose = Literal["ranking", "classification", "rating"]
Strategy = Literal["random", "time", "leave_last_out"]


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
        strangers: for purpose ranking, the share of users none of whose rows are trained on, so
            that lists for people whom the model has never met can be judged; what is known of them
            still serves them. None: a tenth, and nobody of fewer than 100 users.
        seed: of all random numbers.
    """

    strategy: Strategy = "random"
    test_fraction: float = Field(default=0.2, gt=0, lt=1)
    strangers: float | None = Field(default=None, ge=0, le=0.5)
    seed: int = Field(default=42, ge=0)

    @property
    def by_time(self) -> bool:
        """Whether the test rows are later than training rows."""
        return self.strategy != "random"


class Negatives(Strict):
    """Interactions that did not happen, sampled with label 0.

    A training negative is never an item that the user was positive about in training, and a test
    negative none that is among the user's interactions at all. Which items a user will be positive
    about in the test part, nobody can know beforehand: training negatives may be among them.

    Attributes:
        per_positive: how many for each positive interaction.
        by: `uniform`: each item of the training part is equally likely; `popularity`: in
            proportion to its training rows to the power of `exponent`.
        exponent: of popularity; None: 1.
    """

    per_positive: int = Field(default=4, ge=1, le=1000)
    by: Literal["uniform", "popularity"] = "uniform"
    exponent: float | None = Field(default=None, ge=0, le=2)

    @model_validator(mode="after")
    def _has_a_base(self) -> Self:
        if self.exponent is not None and self.by == "uniform":
            raise ValueError("exponent is for negatives by popularity: set by to 'popularity'")
        return self

    @property
    def power(self) -> float:
        """The power of an item's training rows that it is drawn in proportion to."""
        if self.by == "uniform":
            return 0.0
        return 1.0 if self.exponent is None else self.exponent


class History(Strict):
    """What stands for the user in a row of purpose ranking: the items they were positive about.

    Attributes:
        most: the most recent items that count, without the row's own.
        shortened: the share of training positives whose history is cut to a random length: a fifth
            less data for lists as good (docs/measurements.md), and rows as short as newcomers'.
    """

    most: int = Field(default=100, ge=1, le=1000)
    shortened: float = Field(default=0.5, ge=0, le=1)


class PrepareSettings(Strict):
    """All settings of `prepare`.

    Attributes:
        columns: the column of each role; None: recognised by their usual names.
        label: what a label means.
        split: how interactions are split.
        purpose: what the model is for. `ranking`: which of all items come next; rows hold the
            user's history in the place of the user, and negatives are sampled. `classification`:
            labels as they stand, 0 or 1. `rating`: labels are numbers. None: `rating` for a
            regressor, else `classification`.
        predictor_type: what the model is to predict, a class or a number; None: a number for
            purpose rating.
        min_count: values with fewer training rows share the field's out-of-vocabulary column.
        duplicates: of rows with the same user and item, `keep` all, the `last` (by time, if there
            is one, then by order), or the last with the `sum` of their labels.
        negatives: what to sample; None: nothing, or for purpose ranking what the size plan says.
        history: the user's history, for purpose ranking; None: as the size plan says.
        most_positives: for purpose ranking, the most recent positives of a user to train on; None:
            as the size plan says, which is all but for very large data.
        shards: the files of the training part, for as many training hosts.
        items, users: how the tables beside the interactions are read, if there are any.
        separator: of CSV; None: detected.
        encoding: of CSV.
    """

    columns: Columns | None = None
    label: Label = Label()
    split: Split = Split()
    purpose: Purpose = "classification"
    predictor_type: PredictorType = "binary_classifier"
    min_count: int = Field(default=1, ge=1)
    duplicates: Literal["keep", "last", "sum"] = "keep"
    negatives: Negatives | None = None
    history: History | None = None
    most_positives: int | None = Field(default=None, ge=1)
    shards: int = Field(default=1, ge=1, le=1000)
    items: ItemTable | None = None
    users: Table | None = None
    separator: str | None = Field(default=None, pattern=SEPARATOR)
    encoding: str = "utf-8"

    @model_validator(mode="before")
    @classmethod
    def _purpose_and_predictor_type(cls, values: Any) -> Any:  # unchecked input
        return with_purpose(values) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _for_ranking_alone(self) -> Self:
        if self.purpose != "ranking":
            for name in ("history", "most_positives"):
                if getattr(self, name) is not None:
                    raise ValueError(f"{name} is for purpose ranking")
            if self.split.strangers is not None:
                raise ValueError("split.strangers is for purpose ranking")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        threshold = self.label.positive_at_least
        if (self.predictor_type == "regressor") != (self.purpose == "rating"):
            raise ValueError(
                f"purpose {self.purpose} does not go with predictor_type {self.predictor_type}: "
                "a regressor is for purpose rating, a binary_classifier for the others"
            )
        if self.predictor_type == "regressor" and threshold is not None:
            raise ValueError("label.positive_at_least is for predictor_type binary_classifier")
        if self.predictor_type == "regressor" and self.negatives is not None:
            raise ValueError("negatives are for predictor_type binary_classifier")
        columns = self.columns
        if (
            columns is not None
            and "label" in columns.model_fields_set
            and columns.label is None
            and not self.samples
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

    @property
    def ranks(self) -> bool:
        """Whether the purpose is ranking."""
        return self.purpose == "ranking"

    @property
    def samples(self) -> bool:
        """Whether negatives are sampled, so that no label is needed."""
        return self.ranks or self.negatives is not None


def with_purpose(values: dict[str, Any]) -> dict[str, Any]:
    """Return unchecked settings with the one of purpose and predictor_type that the other implies.

    Args:
        values: the settings as they were given; those that are null count as not given.
    """
    purpose, predictor_type = values.get("purpose"), values.get("predictor_type")
    if purpose is None:
        purpose = "rating" if predictor_type == "regressor" else "classification"
    if predictor_type is None:
        predictor_type = "regressor" if purpose == "rating" else "binary_classifier"
    return {**values, "purpose": purpose, "predictor_type": predictor_type}
