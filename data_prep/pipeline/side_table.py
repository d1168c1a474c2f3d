"""A table beside the interactions: what it says of each user or item, by the id, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data_prep.arrays import Bools, Int64s
from data_prep.column_settings import ItemTable, Table
from data_prep.errors import InputError
from data_prep.manifest import Join, TableName
from data_prep.pipeline.batches import Batch, read_tables
from data_prep.pipeline.spool import TextCodes
from data_prep.pipeline.table_roles import OWNERS, TableRoles, resolve_table
from data_prep.settings import PrepareSettings
from data_prep.sources.arrow_types import ColumnType
from data_prep.sources.input_file import InputFile
from data_prep.sources.source import open_source

Column: TypeAlias = npt.NDArray[np.int32 | np.float64]  # codes of texts, or numbers
_EXAMPLES = 5  # ids that are named


@dataclass(frozen=True, eq=False)
class SideTable:
    """The rows of a table, one for each id.

    Attributes:
        name: which table it is.
        file: its first file, as errors show it.
        id_column: the column of the interactions with the ids.
        roles: the column of each role.
        ids: the ids.
        codes: the texts of the title and of each coded feature, by column.
        values: by column, the code or number (ids + 1,) of each id, and of one that has no row; a
            missing text is empty, a missing number NaN.
        rows: (ids,) the rows that each id has, of which the last is kept.
        conflicting: (k,) the codes of the ids whose rows differ.
    """

    name: TableName
    file: str
    id_column: str
    roles: TableRoles
    ids: TextCodes
    codes: Mapping[str, TextCodes]
    values: Mapping[str, Column]
    rows: Int64s
    conflicting: Int64s

    def titles(self) -> dict[str, str] | None:
        """Return the title of each id that has one; None if there is no such column."""
        if self.roles.title is None:
            return None
        texts = self.codes[self.roles.title].texts
        codes = self.values[self.roles.title][:-1].tolist()
        titles = ((item, texts[code]) for item, code in zip(self.ids.texts, codes, strict=True))
        return {item: title for item, title in titles if title.strip()}

    def join(self, ids: TextCodes) -> Join:
        """Return how the table fits interactions with these ids.

        Raises:
            InputError: the table has none of them.
        """
        wanted, own = ids.texts, self.ids.texts
        found = self.ids.find(pa.array(wanted, pa.string()).dictionary_encode())
        matched = found[found < len(own)]
        if not len(matched):
            raise InputError(
                f"no id of the table (such as {_some(own)}) is one of the interactions' "
                f"{self.id_column!r} (such as {_some(wanted)})",
                file=self.file,
                column=self.roles.id,
                fix=f"Ids must be spelt alike; name their column in {self.name}.id",
            )
        missing = np.flatnonzero(found == len(own))
        numeric = [one.name for one in self.roles.features if one.kind == "numeric"]
        absent = {name: int(np.isnan(self.values[name][matched]).sum()) for name in numeric}
        return Join(
            id=self.roles.id,
            title=self.roles.title,
            rows=int(self.rows.sum()),
            matched=len(matched),
            missing_ids=len(missing),
            missing_examples=tuple(wanted[code] for code in missing[:_EXAMPLES]),
            doubled_ids=int((self.rows > 1).sum()),
            conflicting_ids=len(self.conflicting),
            conflicting_examples=tuple(own[code] for code in self.conflicting[:_EXAMPLES]),
            unused_rows=int(self.rows.sum() - self.rows[matched].sum()),
            missing_numbers={name: count for name, count in absent.items() if count},
        )


def read_side_table(
    name: TableName,
    files: Sequence[InputFile],
    settings: PrepareSettings,
    id_column: str,
    block_bytes: int,
) -> SideTable:
    """Read a table; memory is bounded by its rows.

    Args:
        name: which table it is.
        files: its files, each in a format of its own.
        settings: those of the preparation.
        id_column: the column of the interactions with the ids.
        block_bytes: the text read at once; the result does not depend on it.

    Raises:
        InputError: a file cannot be read, the role of a column is not clear, an id is empty, or a
            value cannot be used; with file, line, column and value.
    """
    table = (settings.items or ItemTable()) if name == "items" else (settings.users or Table())
    encoding = table.encoding or settings.encoding
    source = open_source(files[0], table.separator, encoding)
    file = str(files[0])
    roles = resolve_table(name, table, file, source.names, source.declared_features, id_column)
    columns = _Columns(roles)
    reading = settings.model_copy(update={"separator": table.separator, "encoding": encoding})
    for batch in read_tables(files, reading, roles.names, columns.types, block_bytes):
        columns.add(batch)
    return columns.table(name, file, id_column)


def describe_join(name: TableName, join: Join) -> str:
    """Return how a table fits the interactions in a line of text."""
    owner = OWNERS[name]
    parts = [f"{join.rows:,} rows", f"{join.matched:,} {owner}s found"]
    if join.missing_ids:
        parts.append(
            f"{join.missing_ids:,} {owner}s not found (such as {_some(join.missing_examples)})"
        )
    if join.doubled_ids:
        parts.append(f"{join.doubled_ids:,} ids in several rows (the last one counts)")
    if join.conflicting_ids:
        examples = _some(join.conflicting_examples)
        parts.append(f"{join.conflicting_ids:,} of them with different values (such as {examples})")
    if join.unused_rows:
        parts.append(f"{join.unused_rows:,} rows unused")
    for feature, count in join.missing_numbers.items():
        parts.append(f"{count:,} {owner}s without {feature} (the mean counts)")
    return f"{name.capitalize()}: {', '.join(parts)}"


class _Columns:
    """The columns of a table as they are read, batch by batch."""

    def __init__(self, roles: TableRoles) -> None:
        numeric = {feature.name for feature in roles.features if feature.kind == "numeric"}
        self.types: dict[str, ColumnType] = {
            name: "number" if name in numeric else "text" for name in roles.names
        }
        self._roles = roles
        self._codes = {name: TextCodes() for name in roles.names if name not in numeric}
        self._parts: dict[str, list[Column]] = {name: [] for name in roles.names}

    def add(self, batch: Batch) -> None:
        for name, parts in self._parts.items():
            if name in self._codes:
                texts = batch.texts(name, required=name == self._roles.id)
                parts.append(self._codes[name].encode(texts))
            else:
                parts.append(batch.numbers(name, required=False))

    def table(self, name: TableName, file: str, id_column: str) -> SideTable:
        columns: dict[str, Column] = {
            column: np.concatenate(parts) for column, parts in self._parts.items()
        }
        ids, codes = self._codes.pop(self._roles.id), columns.pop(self._roles.id)
        last = np.empty(len(ids), np.int64)
        last[codes] = np.arange(len(codes))  # of equal indices, the last assignment stays
        values: dict[str, Column] = {}
        differs = np.zeros(len(codes), bool)
        for column, of_row in columns.items():
            differs |= _differs(of_row, of_row[last[codes]])
            values[column] = np.append(of_row[last], self._missing(column)).astype(of_row.dtype)
        rows = np.bincount(codes, minlength=len(ids))
        conflicting = np.unique(codes[differs]).astype(np.int64)
        return SideTable(
            name, file, id_column, self._roles, ids, self._codes, values, rows, conflicting
        )

    def _missing(self, column: str) -> float:
        if column not in self._codes:
            return np.nan
        return int(self._codes[column].encode(pa.array([""]).dictionary_encode())[0])


def _differs(values: Column, others: Column) -> Bools:
    different: Bools = (values != others) & ~(np.isnan(values) & np.isnan(others))
    return different


def _some(ids: Sequence[str]) -> str:
    return ", ".join(map(repr, ids[:_EXAMPLES]))
