"""The manifest of a preparation: the layout of the features, counts, and where they come from."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ValidationError, model_validator

from contract.s3_layout import MANIFEST_FILE
from contract.validation import describe_all
from data_prep.column_settings import Columns, FeatureKind, Strict
from data_prep.errors import InputError
from data_prep.settings import (
    History,
    Label,
    Negatives,
    PredictorType,
    Purpose,
    Split,
    with_purpose,
)

FieldKind = FeatureKind | Literal["history"]
TableName = Literal["items", "users"]
Role = Literal["user", "item", "user_feature", "item_feature", "context_feature"]


class Field(Strict):
    """A range of columns of the feature matrix.

    Attributes:
        name: the column of the input.
        key: what the files of the vocabulary call the field.
        role: what it belongs to.
        kind: how its values become features. The last column of a categorical or multi-valued
            field is for values that the training part does not have (often enough); a numeric
            field is one column of (value - mean) / scale. A history stands for the user by the
            items that they were positive about: one column for each known item, in the order of
            the item's own field, and none for unknown ones; n items weigh 1 / sqrt(n) each.
        start: the first column.
        size: the number of columns.
        vocabulary: the file with the known values, in the order of their columns, below the folder
            of the preparation; None for a field without.
        separator: between the members of a multi-valued text.
        mean, scale: of a numeric field.
    """

    name: str
    key: str
    role: Role
    kind: FieldKind
    start: int
    size: int
    vocabulary: str | None = None
    separator: str | None = None
    mean: float | None = None
    scale: float | None = None

    @property
    def unknown(self) -> int:
        """The column of values that the training part does not have."""
        return self.start + self.size - 1


class Parts(Strict):
    """A number for each part."""

    train: int
    test: int


class Files(Strict):
    """The names of the RecordIO files of each part."""

    train: tuple[str, ...]
    test: tuple[str, ...]


class SourceFile(Strict):
    """A file that was read: its name, its bytes, and their SHA-256."""

    name: str
    size: int
    sha256: str


class Fingerprints(Strict):
    """Fingerprints of the input and of the settings (SHA-256): equal ones mean equal output."""

    sources: tuple[SourceFile, ...]
    items: tuple[SourceFile, ...] = ()
    users: tuple[SourceFile, ...] = ()
    settings: str


class Join(Strict):
    """How a table fits the interactions that it was joined to.

    Attributes:
        id: the column of the ids.
        title: the column of the titles; None: there are none.
        rows: the rows of the table.
        matched: the different ids of the interactions that have a row.
        missing_ids: those that have none: their texts are missing, their numbers count as the mean.
        missing_examples: a few of them.
        doubled_ids: the ids with several rows, of which the last counts.
        conflicting_ids: those whose rows differ in what is used of them.
        conflicting_examples: a few of them.
        unused_rows: the rows whose id no interaction has.
        missing_numbers: by feature, the numbers missing in matched rows: they count as the mean.
    """

    id: str
    title: str | None
    rows: int
    matched: int
    missing_ids: int
    missing_examples: tuple[str, ...]
    doubled_ids: int
    conflicting_ids: int
    conflicting_examples: tuple[str, ...]
    unused_rows: int
    missing_numbers: dict[str, int]


class Tables(Strict):
    """The tables beside the interactions; None: there is no such table."""

    items: Join | None = None
    users: Join | None = None


class Manifest(Strict):
    """The contents of manifest.json.

    Attributes:
        feature_dim: the number of columns of the feature matrix.
        purpose, predictor_type, columns, label, min_count, duplicates, negatives, history,
            most_positives, split: the settings; the columns with those that were detected, and for
            purpose ranking what the size plan chose.
        fields: the fields, in the order of their columns.
        rows: the rows of each part.
        positives: those with label 1; None for a regressor.
        sampled: those that are sampled negatives.
        non_zeros: of the training part, about, as the size plan for ranking has them; else None.
        tables: how the tables beside the interactions fit them.
        files: the RecordIO files.
        fingerprints: of the input and of the settings.
    """

    feature_dim: int
    purpose: Purpose
    predictor_type: PredictorType
    columns: Columns
    label: Label
    min_count: int
    duplicates: str
    negatives: Negatives | None
    history: History | None = None
    most_positives: int | None = None
    split: Split
    fields: tuple[Field, ...]
    rows: Parts
    positives: Parts | None
    sampled: Parts
    non_zeros: int | None = None
    tables: Tables = Tables()
    files: Files
    fingerprints: Fingerprints

    @model_validator(mode="before")
    @classmethod
    def _with_purpose(cls, values: Any) -> Any:  # unchecked; manifests of old name no purpose
        return with_purpose(values) if isinstance(values, dict) else values

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read the manifest of the preparation in `directory`.

        Raises:
            InputError: it is missing or damaged.
        """
        path = directory / MANIFEST_FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise InputError("there is no such file", file=str(path)) from None
        except ValidationError as error:
            problems = describe_all(error.errors(), whole="the file")
            raise InputError(f"not a manifest of data_prep: {problems}", file=str(path)) from None

    def save(self, directory: Path) -> None:
        """Write the manifest into `directory`."""
        path = directory / MANIFEST_FILE
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @property
    def has_titles(self) -> bool:
        """Whether items have titles."""
        return self.tables.items is not None and self.tables.items.title is not None

    def field(self, role: Role) -> Field:
        """Return the first field of the role: the user's, or the item's."""
        return next(field for field in self.fields if field.role == role)
