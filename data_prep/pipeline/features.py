"""Rows of codes and numbers to rows of the feature matrix: one encoder for each field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
import scipy.sparse as sp

from data_prep.arrays import CsrRows, Float32s, Int32s, Int64s, Integers, Rows
from data_prep.pipeline.spool import TIME

_HOUR, _DAY = 3600, 86_400  # seconds
_THURSDAY = 3  # 1 January 1970; Monday is 0


class Entries(NamedTuple):
    """What a field puts into n rows, row by row.

    Attributes:
        columns: the feature column of each entry.
        values: the value of each entry; None: all are 1.
        counts: (n,) the entries of each row; None: each has exactly one.
    """

    columns: Integers
    values: Float32s | None = None
    counts: Integers | None = None


class FieldEncoder(Protocol):
    """Encodes a field."""

    def entries(self, rows: Rows) -> Entries:
        """Return the field's entries of the rows (n,)."""
        ...


@dataclass(frozen=True, eq=False)
class OneHot:
    """Encodes a categorical field: 1 in the column of the value.

    Attributes:
        key: the field's column in the rows.
        columns: (codes,) the feature column of each code.
    """

    key: str
    columns: Int32s

    def entries(self, rows: Rows) -> Entries:
        """Return the field's entries of the rows (n,)."""
        return Entries(self.columns[rows[self.key]])


@dataclass(frozen=True, eq=False)
class Bag:
    """Encodes a multi-valued field: the members of each text share a weight of one.

    Attributes:
        key: the field's column in the rows.
        starts: (codes + 1,) where the columns and weights of each code begin.
        columns: the feature columns, ascending for each code.
        weights: their weights.
    """

    key: str
    starts: Int64s
    columns: Int32s
    weights: Float32s

    @classmethod
    def from_texts(
        cls,
        key: str,
        texts: Sequence[str],
        separator: str,
        start: int,
        index_of_member: Mapping[str, int],
    ) -> Self:
        """Return the encoder of texts.

        Args:
            key: the field's column in the rows.
            texts: (codes,) the text of each code.
            separator: between the members of a text.
            start: the first feature column of the field.
            index_of_member: the columns, from `start`, of the members that training knows; the
                others share the one after the last.
        """
        starts, columns, weights = [0], [], []
        for text in texts:
            shares: dict[int, float] = {}
            parts = members(text, separator)
            for member in parts:
                column = start + index_of_member.get(member, len(index_of_member))
                shares[column] = shares.get(column, 0.0) + 1 / len(parts)
            for column in sorted(shares):
                columns.append(column)
                weights.append(shares[column])
            starts.append(len(columns))
        return cls(
            key,
            np.array(starts, np.int64),
            np.array(columns, np.int32),
            np.array(weights, np.float32),
        )

    def entries(self, rows: Rows) -> Entries:
        """Return the field's entries of the rows (n,)."""
        codes = rows[self.key]
        counts = np.diff(self.starts)[codes]
        ends = np.cumsum(counts)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
        indices = np.repeat(self.starts[codes], counts) + within
        return Entries(self.columns[indices], self.weights[indices], counts)


@dataclass(frozen=True, eq=False)
class Standardised:
    """Encodes a numeric field: (value - mean) / scale in one column; a missing value is the mean.

    Attributes:
        key: the field's column in the rows.
        column: the feature column.
        mean: of the training part.
        scale: the standard deviation of the training part.
    """

    key: str
    column: int
    mean: float
    scale: float

    def entries(self, rows: Rows) -> Entries:
        """Return the field's entries of the rows (n,)."""
        values = ((rows[self.key] - self.mean) / self.scale).astype(np.float32)
        values[np.isnan(values)] = 0
        return Entries(np.full(len(rows), self.column, np.int32), values)


@dataclass(frozen=True, eq=False)
class Clock:
    """Encodes the hour of the day (0 to 23) or the day of the week (0 to 6, from Monday), in UTC.

    Attributes:
        start: the first feature column.
        hourly: whether the hour is encoded, or the day.
    """

    start: int
    hourly: bool

    def entries(self, rows: Rows) -> Entries:
        """Return the field's entries of the rows (n,)."""
        seconds = rows[TIME]
        if self.hourly:
            number = np.floor(seconds / _HOUR) % 24
        else:
            number = (np.floor(seconds / _DAY) + _THURSDAY) % 7
        return Entries(self.start + number.astype(np.int32))


def members(text: str, separator: str) -> list[str]:
    """Return the members of a multi-valued text, without the empty ones."""
    return [member for part in text.split(separator) if (member := part.strip())]


def encode_rows(encoders: Sequence[FieldEncoder], rows: Rows, feature_dim: int) -> CsrRows:
    """Return the feature rows (n, feature_dim), with the columns of each row in order.

    Args:
        encoders: of the fields, in the order of their columns.
        rows: (n,), with a column for each field.
        feature_dim: the number of feature columns.
    """
    entries = [encoder.entries(rows) for encoder in encoders]
    if any(part.counts is not None for part in entries):
        return _stack_ragged(entries, len(rows), feature_dim)
    indices = np.empty((len(rows), len(entries)), np.int32)
    data = np.ones((len(rows), len(entries)), np.float32)
    for position, part in enumerate(entries):
        indices[:, position] = part.columns
        if part.values is not None:
            data[:, position] = part.values
    indptr = np.arange(0, indices.size + 1, len(entries), dtype=np.int32)
    return _csr(data.reshape(-1), indices.reshape(-1), indptr, feature_dim)


def _stack_ragged(entries: list[Entries], rows: int, feature_dim: int) -> CsrRows:
    indptr = np.zeros(rows + 1, np.int64)
    for part in entries:
        indptr[1:] += 1 if part.counts is None else part.counts
    np.cumsum(indptr, out=indptr)
    indices = np.empty(indptr[-1], np.int32)
    data = np.ones(indptr[-1], np.float32)
    begin = indptr[:-1].copy()
    for part in entries:
        positions = begin
        if part.counts is not None:
            ends = np.cumsum(part.counts)
            positions = np.repeat(begin - (ends - part.counts), part.counts) + np.arange(
                len(part.columns)
            )
        indices[positions] = part.columns
        if part.values is not None:
            data[positions] = part.values
        begin = begin + (1 if part.counts is None else part.counts)
    return _csr(data, indices, indptr, feature_dim)


def _csr(data: Float32s, indices: Int32s, indptr: Integers, feature_dim: int) -> CsrRows:
    shape = (len(indptr) - 1, feature_dim)
    rows: CsrRows = sp.csr_array((data, indices, indptr), shape=shape)
    rows.has_canonical_format = True  # fields come in the order of their columns
    return rows
