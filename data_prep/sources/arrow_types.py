"""The types that the pipeline reads columns as, and how Arrow's own types are converted to them."""

import re
from collections.abc import Mapping
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from data_prep.column_settings import Feature

# text: dictionary-encoded strings; number: float64; time: float64, seconds for dates and times.
ColumnType = Literal["text", "number", "time"]
ColumnTypes = Mapping[str, ColumnType]  # by the column's name
TEXT = pa.dictionary(pa.int32(), pa.string())
LIST_SEPARATOR = "\x1f"  # between the members of a list, which become one text
_ZONE = re.compile(r":\d\d.*(Z|[+-]\d\d(:?\d\d)?)$")
_NANOSECONDS = re.compile(r"\.\d{7,}")


def is_number(text: str) -> bool:
    """Tell whether Python reads the text as a number; NaN and infinities are numbers."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_text(arrow_type: pa.DataType) -> bool:
    """Tell whether the values of an Arrow type are texts, however they are stored."""
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(is_kind(arrow_type) for is_kind in kinds)


def time_type(example: str) -> pa.DataType:
    """Return the Arrow type of texts that are times like the example: numbers, or ISO 8601.

    The texts of a column must all have a time zone, or none of them.
    """
    if not example or is_number(example):
        return pa.float64()
    unit = "ns" if _NANOSECONDS.search(example) else "us"
    return pa.timestamp(unit, "UTC" if _ZONE.search(example) else None)


def feature_of_type(name: str, arrow_type: pa.DataType) -> Feature:
    """Return what the Arrow type of a column declares of its values; the kind None: nothing."""
    if pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type):
        return list_feature(name)
    fractional = pa.types.is_floating(arrow_type) or pa.types.is_decimal(arrow_type)
    return Feature(name=name, kind="numeric" if fractional else None)


def list_feature(name: str) -> Feature:
    """Return the feature of a column of lists."""
    return Feature(name=name, kind="multi_valued", separator=LIST_SEPARATOR)


def convert(column: pa.Array, column_type: ColumnType) -> pa.Array:
    """Convert a column (n,) to one of the pipeline's types.

    Raises:
        pa.ArrowException: a value cannot be converted.
        TypeError: no value of the column's type can; it says why.
    """
    if column_type == "text":
        return column if column.type == TEXT else _to_text(column)
    if column_type == "number" and pa.types.is_temporal(column.type):
        raise TypeError(f"a {column.type} is not a number")
    return _to_seconds(column) if pa.types.is_temporal(column.type) else _to_numbers(column)


def _to_text(column: pa.Array) -> pa.DictionaryArray:
    arrow_type = column.type
    if pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type):
        # A member that is null is left out, not the whole list.
        members = pc.fill_null(column.values.cast(pa.string()), "")
        column = pc.binary_join(pa.ListArray.from_arrays(column.offsets, members), LIST_SEPARATOR)
    elif pa.types.is_dictionary(arrow_type):
        column = column.dictionary_decode()
    elif any(
        is_type(arrow_type)
        for is_type in (pa.types.is_floating, pa.types.is_nested, pa.types.is_null)
    ):
        raise TypeError(f"a {arrow_type} is not an id: use strings or integers")
    text = column.cast(pa.string()).dictionary_encode()
    text.dictionary.validate(full=True)
    return text


def _to_numbers(column: pa.Array) -> pa.DoubleArray:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if is_text(column.type) or pa.types.is_nested(column.type):
        raise TypeError(f"a {column.type} is not a number")
    return column.cast(pa.float64())


def _to_seconds(column: pa.Array) -> pa.DoubleArray:
    micros = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
    return pc.divide(micros.cast(pa.int64()).cast(pa.float64(), safe=False), 1e6)
