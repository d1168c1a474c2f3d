"""The forms in which a column is wanted, and how Arrow's own types are brought to them."""

import re
from collections.abc import Mapping
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from data_prep.settings import Feature

# text: dictionary-encoded strings; number: float64; time: float64, seconds for dates and times.
Form = Literal["text", "number", "time"]
Forms = Mapping[str, Form]
TEXT = pa.dictionary(pa.int32(), pa.string())
LIST_SEPARATOR = "\x1f"  # between the members of a list, which become one text
_ZONE = re.compile(r":\d\d.*(Z|[+-]\d\d(:?\d\d)?)$")
_NANOSECONDS = re.compile(r"\.\d{7,}")


def is_number(text: str) -> bool:
    """Whether Python reads the text as a number; NaN and infinities are."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def time_type(example: str) -> pa.DataType:
    """The type that texts like the example are times of: numbers, or ISO 8601.

    All have a zone or none has.
    """
    if not example or is_number(example):
        return pa.float64()
    unit = "ns" if _NANOSECONDS.search(example) else "us"
    return pa.timestamp(unit, "UTC" if _ZONE.search(example) else None)


def declared(name: str, kind: pa.DataType) -> Feature:
    """What a column of this type holds, as far as the type tells."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return list_feature(name)
    is_number = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return Feature(name=name, kind="numeric" if is_number else None)


def list_feature(name: str) -> Feature:
    """The feature of a column of lists."""
    return Feature(name=name, kind="multi_valued", separator=LIST_SEPARATOR)


def brought_to(column: Any, form: Form) -> Any:
    """The column in the wanted form; raises pa.ArrowException (or TypeError) if it cannot be."""
    if form == "text":
        return column if column.type == TEXT else _text(column)
    if form == "number" and pa.types.is_temporal(column.type):
        raise TypeError(f"a {column.type} is not a number")
    return _seconds(column) if pa.types.is_temporal(column.type) else _numbers(column)


def _text(column: Any) -> Any:
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        # A member that is null is left out, not the whole list.
        members = pc.fill_null(column.values.cast(pa.string()), "")
        column = pc.binary_join(pa.ListArray.from_arrays(column.offsets, members), LIST_SEPARATOR)
    elif pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    elif pa.types.is_floating(kind) or pa.types.is_nested(kind) or pa.types.is_null(kind):
        raise TypeError(f"a {kind} is not an id: use strings or integers")
    text = column.cast(pa.string()).dictionary_encode()
    text.dictionary.validate(full=True)
    return text


def _numbers(column: Any) -> Any:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_string(column.type) or pa.types.is_nested(column.type):
        raise TypeError(f"a {column.type} is not a number")
    return column.cast(pa.float64())


def _seconds(column: Any) -> Any:
    micros = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
    return pc.divide(micros.cast(pa.int64()).cast(pa.float64(), safe=False), 1e6)
