"""What a preparation wrote: the layout of the features, counts, and where they come from."""

from pathlib import Path
from typing import Literal, Self

from pydantic import ValidationError

from data_prep.errors import InputError
from data_prep.settings import Columns, FeatureKind, Label, Negatives, PredictorType, Split, Strict

FILE = "manifest.json"
Role = Literal["user", "item", "user_feature", "item_feature", "context_feature"]


class Field(Strict):
    """The columns `start` to `start + size` of the feature matrix.

    The last one of a categorical or multi-valued field is for values that the training part does
    not have (often enough). vocabulary: the file with the others, in order. A numeric field is one
    column of (value - mean) / scale. key: what the files of vocabulary/ call the field.
    """

    name: str
    key: str
    role: Role
    kind: FeatureKind
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
    """The RecordIO files of each part."""

    train: tuple[str, ...]
    test: tuple[str, ...]


class SourceFile(Strict):
    name: str
    size: int
    sha256: str


class Fingerprints(Strict):
    """Of the input's bytes, and of the settings: equal ones mean equal output."""

    sources: tuple[SourceFile, ...]
    settings: str


class Manifest(Strict):
    """The contents of manifest.json.

    positives: rows with label 1, None for a regressor; sampled: those of `rows` that are sampled
    negatives.
    """

    feature_dim: int
    predictor_type: PredictorType
    columns: Columns
    label: Label
    min_count: int
    duplicates: str
    negatives: Negatives | None
    split: Split
    fields: tuple[Field, ...]
    rows: Parts
    positives: Parts | None
    sampled: Parts
    files: Files
    fingerprints: Fingerprints

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read manifest.json in `directory`; raises InputError when it is missing or damaged."""
        path = directory / FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise InputError("there is no such file", file=str(path)) from None
        except ValidationError as error:
            raise InputError(f"not a manifest of data_prep ({error})", file=str(path)) from None

    def save(self, directory: Path) -> None:
        (directory / FILE).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def field(self, role: Role) -> Field:
        """The first field of the role: the user's, or the item's."""
        return next(field for field in self.fields if field.role == role)
