"""What training knows: vocabularies, statistics, and the features that each id last had."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_prep.manifest import Field, Parts
from data_prep.pipeline import vocabulary
from data_prep.pipeline.features import Clock, FieldEncoder, OneHot, Standardised, bag, members
from data_prep.pipeline.fields import ITEM, USER, FieldPlan
from data_prep.pipeline.labelled_blocks import Division
from data_prep.pipeline.spool import LABEL, Codes, Rows
from data_prep.pipeline.vocabulary import Vocabulary

_HOURS, _DAYS = 24, 7


@dataclass(frozen=True, eq=False)
class Fitted:
    """The result: counts of rows, and for each field its manifest, encoder and vocabulary.

    profiles: by the key of a side feature, the value (codes or numbers) that each user or item (by
    its code) had in its last training row.
    """

    rows: Parts
    positives: Parts
    sampled: Parts
    fields: tuple[Field, ...]
    encoders: list[FieldEncoder]
    known: dict[str, Vocabulary]
    profiles: dict[str, NDArray[Any]]

    @property
    def feature_dim(self) -> int:
        return self.fields[-1].start + self.fields[-1].size


def fit(
    division: Division, plans: tuple[FieldPlan, ...], codes: dict[str, Codes], min_count: int
) -> Fitted:
    """One pass over the rows; only those that happened and are for training are learnt from."""
    tally = _Tally(plans, codes)
    for block in division.blocks():
        tally.count(block.rows, block.test, block.sampled)
        tally.learn(block.rows[block.trained])
    fields: list[Field] = []
    encoders: list[FieldEncoder] = []
    known: dict[str, Vocabulary] = {}
    start = 0
    for plan in plans:
        values = codes[plan.key].values if plan.coded else []
        if plan.kind == "multi_valued":
            known[plan.key] = _members(plan, values, tally.counts[plan.key], min_count)
        elif plan.coded:
            known[plan.key] = vocabulary.fit(values, tally.counts[plan.key], min_count)
        field, encoder = _field(plan, start, known.get(plan.key), values, tally)
        fields.append(field)
        encoders.append(encoder)
        start += field.size
    return Fitted(
        Parts(train=tally.rows[0], test=tally.rows[1]),
        Parts(train=tally.positives[0], test=tally.positives[1]),
        Parts(train=tally.sampled[0], test=tally.sampled[1]),
        tuple(fields),
        encoders,
        known,
        tally.profiles,
    )


def encoder_of(field: Field, key: str, values: list[str], known: list[str]) -> FieldEncoder:
    """The encoder of a field for codes that are places in `values`, given the known values."""
    if field.kind == "numeric":
        return Standardised(key, field.start, field.mean or 0.0, field.scale or 1.0)
    if field.kind in ("hour_of_day", "day_of_week"):
        return Clock(field.start, field.kind == "hour_of_day")
    place = {value: number for number, value in enumerate(known)}
    if field.kind == "multi_valued":
        return bag(key, values, field.separator or "|", field.start, place)
    columns = [field.start + place.get(value, len(known)) for value in values]
    return OneHot(key, np.array(columns, np.int32))


class _Tally:
    """Counts and statistics, block by block."""

    def __init__(self, plans: tuple[FieldPlan, ...], codes: dict[str, Codes]) -> None:
        self.rows, self.positives, self.sampled = [0, 0], [0, 0], [0, 0]
        self.counts = {key: np.zeros(len(code), np.int64) for key, code in codes.items()}
        self.moments = {plan.key: (0, 0.0, 0.0) for plan in plans if plan.kind == "numeric"}
        self.profiles: dict[str, NDArray[Any]] = {}
        self._owner: dict[str, str] = {}
        for plan in plans:
            if plan.role in ("user_feature", "item_feature"):
                self._owner[plan.key] = USER if plan.role == "user_feature" else ITEM
                ids = len(codes[self._owner[plan.key]])
                self.profiles[plan.key] = np.zeros(ids, np.int32 if plan.coded else np.float64)

    def count(self, rows: Rows, test: NDArray[np.bool_], sampled: NDArray[np.bool_]) -> None:
        for part, mask in enumerate((~test, test)):
            self.rows[part] += int(mask.sum())
            self.positives[part] += int((mask & (rows[LABEL] == 1)).sum())
            self.sampled[part] += int((mask & sampled).sum())

    def learn(self, rows: Rows) -> None:
        for key, counts in self.counts.items():
            counts += np.bincount(rows[key], minlength=len(counts))
        for key, moments in self.moments.items():
            self.moments[key] = _merged(moments, rows[key])
        for key, profile in self.profiles.items():
            profile[rows[self._owner[key]]] = rows[key]


def _merged(
    moments: tuple[int, float, float], values: NDArray[np.float64]
) -> tuple[int, float, float]:
    """Count, mean and sum of squared deviations, with more values (Chan et al., 1979)."""
    if not len(values):
        return moments
    count, mean, squares = moments
    here = float(values.mean())
    total = count + len(values)
    squares += (
        float(((values - here) ** 2).sum()) + (here - mean) ** 2 * count * len(values) / total
    )
    return total, mean + (here - mean) * len(values) / total, squares


def _members(
    plan: FieldPlan, texts: list[str], counts: NDArray[np.int64], min_count: int
) -> Vocabulary:
    """The vocabulary of the members of multi-valued texts (codes,) with these counts."""
    of_member: dict[str, int] = {}
    for text, count in zip(texts, counts.tolist(), strict=True):
        for member in set(members(text, plan.separator or "|")):
            of_member[member] = of_member.get(member, 0) + count
    return vocabulary.fit(list(of_member), np.array(list(of_member.values()), np.int64), min_count)


def _field(
    plan: FieldPlan, start: int, known: Vocabulary | None, values: list[str], tally: _Tally
) -> tuple[Field, FieldEncoder]:
    sizes = {"numeric": 1, "hour_of_day": _HOURS, "day_of_week": _DAYS}
    field = Field(
        name=plan.column,
        key=plan.key,
        role=plan.role,
        kind=plan.kind,
        start=start,
        size=len(known.values) + 1 if known else sizes[plan.kind],
        vocabulary=f"{vocabulary.DIRECTORY}/{plan.key}.parquet" if known else None,
        separator=plan.separator,
    )
    if plan.kind == "numeric":
        count, mean, squares = tally.moments[plan.key]
        scale = (squares / count) ** 0.5 if count else 1.0
        field = field.model_copy(update={"mean": mean, "scale": scale or 1.0})
    if plan.kind == "categorical" and known:
        return field, OneHot(plan.key, known.place_of_code + np.int32(start))
    return field, encoder_of(field, plan.key, values, known.values if known else [])
