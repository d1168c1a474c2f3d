"""What training knows: vocabularies, statistics, and the features that each id last had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from data_prep.arrays import Float64s, Int32s, Int64s
from data_prep.column_settings import OF_TIME
from data_prep.manifest import Field, Parts
from data_prep.pipeline.features import Bag, Clock, FieldEncoder, OneHot, Standardised, members
from data_prep.pipeline.fields import InputField
from data_prep.pipeline.histories import Histories
from data_prep.pipeline.history_encoder import HistoryEncoder
from data_prep.pipeline.labelled_blocks import Block, LabelledBlocks
from data_prep.pipeline.spool import ITEM, LABEL, USER, TextCodes
from data_prep.pipeline.vocabulary import Vocabulary, fit_vocabulary, values_file

_SIZES = {"numeric": 1, "hour_of_day": 24, "day_of_week": 7}  # columns of a field without values
Profiles: TypeAlias = dict[str, Int32s | Float64s]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What was learnt, and how many rows there are.

    Attributes:
        rows: the rows of each part.
        positives: those with label 1.
        sampled: those that are sampled negatives.
        fields: the fields of a feature row.
        encoders: of the fields.
        vocabularies: of the fields that have one, by key.
        profiles: by the key of a side feature, the value (a code or a number) that each user or
            item (by its code) had in its last training row.
    """

    rows: Parts
    positives: Parts
    sampled: Parts
    fields: tuple[Field, ...]
    encoders: list[FieldEncoder]
    vocabularies: dict[str, Vocabulary]
    profiles: Profiles

    @property
    def feature_dim(self) -> int:
        """The number of feature columns."""
        return self.fields[-1].start + self.fields[-1].size


def fit(
    blocks: LabelledBlocks,
    fields: Sequence[InputField],
    codes: Mapping[str, TextCodes],
    min_count: int,
    histories: Histories | None = None,
) -> Fitted:
    """Learn from the training rows that happened, in one pass.

    Args:
        blocks: all rows.
        fields: their fields.
        codes: the texts of each coded field, by key.
        min_count: the training rows that a value must have to be known. A user whom a history
            stands for is known by any row.
        histories: those that stand for the users; None: each user has a column.
    """
    statistics = _Statistics(fields, codes)
    for block in blocks.blocks():
        statistics.count(block)
        statistics.learn(block)
    vocabularies = {
        field.key: _vocabulary(
            field,
            codes[field.key].texts,
            statistics.counts[field.key],
            1 if histories is not None and field.role == "user" else min_count,
        )
        for field in fields
        if field.coded
    }
    fitted_fields: list[Field] = []
    encoders: list[FieldEncoder] = []
    start = 0
    for field in fields:
        texts = codes[field.key].texts if field.coded else []
        vocabulary = vocabularies.get(field.key)
        if histories is not None and field.role == "user":
            items = vocabularies[ITEM]
            fitted = _history_field(field, start, items)
            encoders.append(HistoryEncoder(histories, _history_columns(items, start)))
        else:
            fitted = _fitted_field(field, start, vocabulary, statistics)
            encoders.append(_encoder(fitted, vocabulary, texts))
        fitted_fields.append(fitted)
        start += fitted.size
    return Fitted(
        Parts(train=statistics.rows[0], test=statistics.rows[1]),
        Parts(train=statistics.positives[0], test=statistics.positives[1]),
        Parts(train=statistics.sampled[0], test=statistics.sampled[1]),
        tuple(fitted_fields),
        encoders,
        vocabularies,
        statistics.profiles,
    )


def encoder_of(field: Field, texts: Sequence[str], known: Sequence[str]) -> FieldEncoder:
    """Return the encoder of a field.

    Args:
        field: the field.
        texts: the text of each code, if the field is a coded one.
        known: the values that training knows, in the order of their columns.
    """
    if field.kind == "numeric":
        return Standardised(field.key, field.start, field.mean or 0.0, field.scale or 1.0)
    if field.kind in OF_TIME:
        return Clock(field.start, field.kind == "hour_of_day")
    index_of = {value: index for index, value in enumerate(known)}
    if field.kind == "multi_valued":
        return Bag.from_texts(field.key, texts, field.separator or "|", field.start, index_of)
    columns = [field.start + index_of.get(text, len(known)) for text in texts]
    return OneHot(field.key, np.array(columns, np.int32))


class _Statistics:
    """Counts and moments of rows, updated block by block."""

    def __init__(self, fields: Sequence[InputField], codes: Mapping[str, TextCodes]) -> None:
        # Of the training and the test part.
        self.rows, self.positives, self.sampled = [0, 0], [0, 0], [0, 0]
        self.counts = {key: np.zeros(len(texts), np.int64) for key, texts in codes.items()}
        self.moments = {field.key: _Moments() for field in fields if field.kind == "numeric"}
        self.profiles: Profiles = {}
        self._owner: dict[str, str] = {}
        for field in fields:
            if field.role in ("user_feature", "item_feature"):
                owner = USER if field.role == "user_feature" else ITEM
                ids = len(codes[owner])
                self._owner[field.key] = owner
                self.profiles[field.key] = (
                    np.zeros(ids, np.int32) if field.coded else np.zeros(ids, np.float64)
                )

    def count(self, block: Block) -> None:
        """Count rows of both parts."""
        for part, mask in enumerate((~block.test & block.written, block.test & block.written)):
            self.rows[part] += int(mask.sum())
            self.positives[part] += int((mask & (block.rows[LABEL] == 1)).sum())
            self.sampled[part] += int((mask & block.sampled).sum())

    def learn(self, block: Block) -> None:
        """Learn from rows of the training part; of users, from all that is known."""
        known, learnt = block.rows[block.known], block.rows[block.learnt]
        for key, counts in self.counts.items():
            rows = known if key == USER else learnt
            counts += np.bincount(rows[key], minlength=len(counts))
        for key, moments in self.moments.items():
            self.moments[key] = moments.updated(learnt[key])
        for key, profile in self.profiles.items():
            profile[known[self._owner[key]]] = known[key]


@dataclass(frozen=True)
class _Moments:
    """Count, mean and sum of squared deviations of numbers."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def updated(self, values: Float64s) -> "_Moments":
        """Return the moments of these numbers and `values` (Chan et al., 1979), but for NaN."""
        missing = np.isnan(values)
        if missing.any():
            values = values[~missing]
        if not len(values):
            return self
        mean = float(values.mean())
        count = self.count + len(values)
        between = (mean - self.mean) ** 2 * self.count * len(values) / count
        squares = self.squares + (float(((values - mean) ** 2).sum()) + between)
        return _Moments(count, self.mean + (mean - self.mean) * len(values) / count, squares)

    @property
    def scale(self) -> float:
        """The standard deviation; 1 where it is 0, or where there is no number."""
        return ((self.squares / self.count) ** 0.5 if self.count else 1.0) or 1.0


def _vocabulary(field: InputField, texts: list[str], counts: Int64s, min_count: int) -> Vocabulary:
    """Return the vocabulary of texts (codes,), or of their members, from the counts (codes,)."""
    if field.kind == "categorical":
        return fit_vocabulary(texts, counts, min_count)
    of_member: dict[str, int] = {}
    for text, count in zip(texts, counts.tolist(), strict=True):
        for member in set(members(text, field.separator or "|")):
            of_member[member] = of_member.get(member, 0) + count
    return fit_vocabulary(list(of_member), np.array(list(of_member.values()), np.int64), min_count)


def _fitted_field(
    field: InputField, start: int, vocabulary: Vocabulary | None, statistics: _Statistics
) -> Field:
    moments = statistics.moments.get(field.key) if field.kind == "numeric" else None
    return Field(
        name=field.column,
        key=field.key,
        role=field.role,
        kind=field.kind,
        start=start,
        size=len(vocabulary.values) + 1 if vocabulary else _SIZES[field.kind],
        vocabulary=values_file(field.key) if vocabulary else None,
        separator=field.separator,
        mean=moments.mean if moments else None,
        scale=moments.scale if moments else None,
    )


def _history_field(field: InputField, start: int, items: Vocabulary) -> Field:
    return Field(
        name=field.column,
        key=field.key,
        role=field.role,
        kind="history",
        start=start,
        size=len(items.values),
        vocabulary=values_file(field.key),
    )


def _history_columns(items: Vocabulary, start: int) -> Int32s:
    """Return the feature column of each item's code (codes,), -1 for an unknown item."""
    index = items.index_of_code
    return np.where(index < len(items.values), index + np.int32(start), np.int32(-1))


def _encoder(field: Field, vocabulary: Vocabulary | None, texts: list[str]) -> FieldEncoder:
    if vocabulary and field.kind == "categorical":
        return OneHot(field.key, vocabulary.index_of_code + np.int32(field.start))
    return encoder_of(field, texts, vocabulary.values if vocabulary else [])
