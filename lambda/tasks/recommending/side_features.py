"""Side features as a client gives them, checked against those that the model was trained with."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from data_prep.manifest import Field
from fm.arrays import CsrRows
from tasks.recommending.question import FeatureValues, InvalidQuestionError

_TEXTS = ("categorical", "multi_valued")
_FARTHEST = 1e9  # standard deviations from the mean; the square of much more overflows float32


def values(
    fields: Sequence[Field], features: FeatureValues, location: str
) -> dict[str, str | float]:
    """Return the value of each field as the encoder expects it, by column.

    Args:
        fields: the side features of the model.
        features: what the client gave, by column.
        location: the key of `features` in the request, for messages.

    Raises:
        InvalidQuestionError: a column is unknown, missing or not a number; the message names it.
    """
    names = list(dict.fromkeys(field.name for field in fields))
    available = f"the model has {', '.join(names) or 'none'}"
    for problem, columns in (
        ("no such column", sorted(set(features) - set(names))),
        ("give all columns or none; missing", [name for name in names if name not in features]),
    ):
        if columns:
            raise InvalidQuestionError(f"{location}: {problem}: {', '.join(columns)}; {available}")
    return {field.name: _value(field, features[field.name], location) for field in fields}


def columns(
    fields: Sequence[Field], entries: Sequence[Mapping[str, str | float]]
) -> dict[str, list[str] | list[float]]:
    """Return the values of all `entries`, each made by `values`, by column."""
    return {
        field.name: [str(entry[field.name]) for entry in entries]
        if field.kind in _TEXTS
        else [float(entry[field.name]) for entry in entries]
        for field in fields
    }


def _value(field: Field, value: str | int | float, location: str) -> str | float:
    if field.kind in _TEXTS:
        return str(value)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        unit = "" if field.kind == "numeric" else " (seconds since 1970)"
        raise InvalidQuestionError(
            f"{location}.{field.name}: give a number{unit}, not {str(value)[:100]!r}"
        )
    return number


def near(rows: CsrRows, location: str) -> CsrRows:
    """Return `rows`, if their values are of a size that the model can compute with.

    Raises:
        InvalidQuestionError: a number is far beyond what training saw.
    """
    if np.abs(rows.data).max(initial=0) > _FARTHEST:
        raise InvalidQuestionError(f"{location}: a number is far beyond all that training saw")
    return rows
