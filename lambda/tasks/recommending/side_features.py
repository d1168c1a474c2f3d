"""Side features as a client gives them, checked against those that the model was trained with."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data_prep.manifest import Field
from tasks.recommending.question import InvalidQuestionError

_TEXTS = ("categorical", "multi_valued")
_FARTHEST = 1e9  # standard deviations from the mean; the square of much more leaves float32


def values(fields: Sequence[Field], given: Mapping[str, Any], where: str) -> dict[str, str | float]:
    """By column the value of each field, as the encoder wants it.

    Raises:
        InvalidQuestionError: a column is unknown, missing or no number; it is named below `where`.
    """
    names = list(dict.fromkeys(field.name for field in fields))
    there = f"the model has {', '.join(names) or 'none'}"
    for problem, columns in (
        ("no such column", sorted(set(given) - set(names))),
        ("give all columns or none; missing", [name for name in names if name not in given]),
    ):
        if columns:
            raise InvalidQuestionError(f"{where}: {problem}: {', '.join(columns)}; {there}")
    return {field.name: _value(field, given[field.name], where) for field in fields}


def _value(field: Field, value: Any, where: str) -> str | float:
    if field.kind in _TEXTS:
        return str(value)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        unit = "" if field.kind == "numeric" else " (seconds since 1970)"
        raise InvalidQuestionError(
            f"{where}.{field.name}: give a number{unit}, not {str(value)[:100]!r}"
        )
    return number


def near(rows: Any, where: str) -> Any:
    """Return the CSR `rows`, if their values are of a size that the model can compute with.

    Raises:
        InvalidQuestionError: a number is far beyond what training saw.
    """
    if np.abs(rows.data).max(initial=0) > _FARTHEST:
        raise InvalidQuestionError(f"{where}: a number is far beyond all that training saw")
    return rows
