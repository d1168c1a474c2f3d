"""Rows of codes and numbers to rows of the feature matrix: one encoder per field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from data_prep.pipeline.spool import TIME, Rows

_HOUR, _DAY = 3600, 86_400
_THURSDAY = 3  # 1 January 1970; Monday is 0


class Entries(NamedTuple):
    """What a field puts into n rows: row by row, `columns` with `values` (None: all 1).

    counts (n,) entries for each row, or None when each row has exactly one.
    """

    columns: NDArray[np.integer[Any]]
    values: NDArray[np.float32] | None = None
    counts: NDArray[np.integer[Any]] | None = None


class FieldEncoder(Protocol):
    def entries(self, rows: Rows) -> Entries:
        """The field's entries of the rows (n,)."""


@dataclass(frozen=True, eq=False)
class OneHot:
    """A categorical field; columns (codes,): the feature column of each code."""

    key: str
    columns: NDArray[np.int32]

    def entries(self, rows: Rows) -> Entries:
        return Entries(self.columns[rows[self.key]])


@dataclass(frozen=True, eq=False)
class Bag:
    """A multi-valued field, whose weights sum to one: the columns and weights of each code.

    Those of code c are at starts[c]:starts[c + 1].
    """

    key: str
    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    weights: NDArray[np.float32]

    def entries(self, rows: Rows) -> Entries:
        codes = rows[self.key]
        counts = np.diff(self.starts)[codes]
        ends = np.cumsum(counts)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
        places = np.repeat(self.starts[codes], counts) + within
        return Entries(self.columns[places], self.weights[places], counts)


@dataclass(frozen=True, eq=False)
class Standardised:
    """A numeric field: (value - mean) / scale in one column."""

    key: str
    column: int
    mean: float
    scale: float

    def entries(self, rows: Rows) -> Entries:
        values = ((rows[self.key] - self.mean) / self.scale).astype(np.float32)
        return Entries(np.full(len(rows), self.column, np.int32), values)


@dataclass(frozen=True, eq=False)
class Clock:
    """The hour of the day (0 to 23) or the day of the week (0 to 6, from Monday), in UTC."""

    start: int
    hourly: bool

    def entries(self, rows: Rows) -> Entries:
        seconds = rows[TIME]
        if self.hourly:
            number = np.floor(seconds / _HOUR) % 24
        else:
            number = (np.floor(seconds / _DAY) + _THURSDAY) % 7
        return Entries(self.start + number.astype(np.int32))


def members(text: str, separator: str) -> list[str]:
    """The members of a multi-valued text."""
    return [member for part in text.split(separator) if (member := part.strip())]


def bag(
    key: str, texts: Sequence[str], separator: str, start: int, place: Mapping[str, int]
) -> Bag:
    """The encoder of a multi-valued field whose codes are the `texts`.

    place: of each known member, its column from `start`; the others share the one after the last.
    A member's weight is its share of the text's members.
    """
    starts, columns, weights = [0], [], []
    for text in texts:
        shares: dict[int, float] = {}
        parts = members(text, separator)
        for member in parts:
            column = start + place.get(member, len(place))
            shares[column] = shares.get(column, 0.0) + 1 / len(parts)
        for column in sorted(shares):
            columns.append(column)
            weights.append(shares[column])
        starts.append(len(columns))
    return Bag(
        key,
        np.array(starts, np.int64),
        np.array(columns, np.int32),
        np.array(weights, np.float32),
    )


def matrix(encoders: Sequence[FieldEncoder], rows: Rows, columns: int) -> Any:
    """The feature rows: a csr_array (n, columns) of float32, each row's columns in order.

    The encoders are in the order of their columns.
    """
    parts = [encoder.entries(rows) for encoder in encoders]
    if any(part.counts is not None for part in parts):
        return _ragged(parts, len(rows), columns)
    indices = np.empty((len(rows), len(parts)), np.int32)
    data = np.ones((len(rows), len(parts)), np.float32)
    for place, part in enumerate(parts):
        indices[:, place] = part.columns
        if part.values is not None:
            data[:, place] = part.values
    indptr = np.arange(0, indices.size + 1, len(parts), dtype=np.int32)
    return _csr(data.reshape(-1), indices.reshape(-1), indptr, columns)


def _ragged(parts: list[Entries], rows: int, columns: int) -> Any:
    indptr = np.zeros(rows + 1, np.int64)
    for part in parts:
        indptr[1:] += 1 if part.counts is None else part.counts
    np.cumsum(indptr, out=indptr)
    indices = np.empty(indptr[-1], np.int32)
    data = np.ones(indptr[-1], np.float32)
    begin = indptr[:-1].copy()
    for part in parts:
        places = begin
        if part.counts is not None:
            ends = np.cumsum(part.counts)
            places = np.repeat(begin - (ends - part.counts), part.counts) + np.arange(
                len(part.columns)
            )
        indices[places] = part.columns
        if part.values is not None:
            data[places] = part.values
        begin = begin + (1 if part.counts is None else part.counts)
    return _csr(data, indices, indptr, columns)


def _csr(
    data: NDArray[np.float32],
    indices: NDArray[np.int32],
    indptr: NDArray[np.integer[Any]],
    columns: int,
) -> Any:
    result = sp.csr_array((data, indices, indptr), shape=(len(indptr) - 1, columns))
    result.has_canonical_format = True  # fields come in the order of their columns
    return result
