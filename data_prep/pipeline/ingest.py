"""From files to the spool: reading, checking every value, and giving codes to texts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.pipeline import column_roles
from data_prep.pipeline.fields import FieldPlan, plan
from data_prep.pipeline.spool import LABEL, TIME, Codes, Rows, Spool, row_dtype
from data_prep.settings import Columns, PrepareSettings
from data_prep.sources.arrow_types import Form, Forms
from data_prep.sources.input_file import InputFile
from data_prep.sources.source import Source, open_source

BLOCK_BYTES = 16 << 20
Progress = Callable[[str], None]
_LARGEST = float(np.finfo(np.float32).max)
_UNITS = np.array([1.0, 1e3, 1e6, 1e9])  # to the second
_SEEN = 8  # values named when labels are not 0 or 1


class Ingest:
    """Reads sources into a spool.

    Attributes after construction: columns, the resolved roles; fields, the plan; codes, by the key
    of each coded field.
    """

    def __init__(
        self, paths: Sequence[InputFile], settings: PrepareSettings, progress: Progress
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._progress = progress
        self._unit: float | None = None
        first = self._open(paths[0])
        self.columns: Columns = column_roles.resolve(
            str(paths[0]), first.names, first.declared, settings
        )
        self.fields: tuple[FieldPlan, ...] = plan(self.columns)
        self.codes = {field.key: Codes() for field in self.fields if field.coded}
        progress(column_roles.shown(self.columns))

    def read(self, spool_file: Path, block_bytes: int) -> Spool:
        """All rows of the files; the first thing that is wrong ends it."""
        keys = {field.key: field.coded for field in self.fields if field.key != TIME}
        spool = Spool(spool_file, row_dtype(keys, self.columns.timestamp is not None))
        for path in self._paths:
            source = self._open(path)
            column_roles.check(str(path), source.names, self.columns)
            before = spool.rows
            for batch in source.batches(self._forms(), block_bytes):
                spool.append(self._rows(source, batch, spool.rows - before, spool.dtype))
                self._progress(f"Read {spool.rows:,} rows, in {path.name}")
            if spool.rows == before:
                raise InputError("the file has a header and no rows", file=str(path))
        spool.close()
        return spool

    def _open(self, path: InputFile) -> Source:
        return open_source(path, self._settings.separator, self._settings.encoding)

    def _forms(self) -> Forms:
        forms: dict[str, Form] = {
            field.column: field.form for field in self.fields if field.key != TIME
        }
        if self.columns.label is not None:
            forms[self.columns.label] = "number"
        if self.columns.timestamp is not None:
            forms[self.columns.timestamp] = "time"
        return forms

    def _rows(self, source: Source, batch: Any, first: int, dtype: np.dtype[Any]) -> Rows:
        rows = np.empty(batch.num_rows, dtype)
        for field in self.fields:
            column = batch.column(field.column)
            if field.coded:
                rows[field.key] = self.codes[field.key].of(_texts(source, field, column, first))
            elif field.key != TIME:
                rows[field.key] = _numbers(source, field.column, column, first)
        rows[LABEL] = self._labels(source, batch, first)
        if self.columns.timestamp is not None:
            name = self.columns.timestamp
            times = _numbers(source, name, batch.column(name), first)
            rows[TIME] = self._in_seconds(source, name, times, first)
        return rows

    def _labels(self, source: Source, batch: Any, first: int) -> NDArray[np.float64]:
        name = self.columns.label
        if name is None:
            return np.ones(batch.num_rows)
        labels = _numbers(source, name, batch.column(name), first)
        if self._settings.predictor_type == "regressor":
            return labels
        threshold = self._settings.label.positive_at_least
        if threshold is not None:
            summed = self._settings.duplicates == "sum"
            return labels if summed else (labels >= threshold).astype(np.float64)
        wrong = (labels != 0) & (labels != 1)
        if wrong.any():
            seen = ", ".join(f"{value:g}" for value in np.unique(labels)[:_SEEN])
            _refuse(
                source,
                first + int(np.argmax(wrong)),
                name,
                f"a label of a binary_classifier is 0 or 1 (values seen: {seen}), not this",
                "Set label.positive_at_least to the value from which on a label is positive, or "
                "predictor_type to 'regressor'",
            )
        return labels

    def _in_seconds(
        self, source: Source, name: str, times: NDArray[np.float64], first: int
    ) -> NDArray[np.float64]:
        """Times in seconds; whether they come in thousandths or less, their size tells.

        In seconds, 1e11 is the year 5138; in milliseconds it is 1973. All must come in one unit.
        """
        units = _UNITS[np.searchsorted(_UNITS[1:] * 1e8, np.abs(times), "right")]
        told = np.flatnonzero(times)
        if self._unit is None and len(told):
            self._unit = float(units[told[0]])
        other = told[units[told] != self._unit]
        if len(other):
            _refuse(
                source,
                first + int(other[0]),
                name,
                "the time is in another unit than those before it (seconds, or milli-, micro- or "
                "nanoseconds, by its size)",
            )
        return times / (self._unit or 1.0)


def _texts(source: Source, field: FieldPlan, column: Any, first: int) -> Any:
    """The dictionary-encoded column, if every row has a user and an item.

    A side feature that is missing is a value of its own, the empty text.
    """
    if not column.null_count and not pc.any(pc.equal(column.dictionary, "")).as_py():
        return column
    text = pc.fill_null(column.dictionary_decode(), "")
    if field.role in ("user", "item"):
        row = pc.index(text, "").as_py()
        if row >= 0:
            _refuse(source, first + row, field.column, "the id is empty")
    return text.dictionary_encode()


def _numbers(source: Source, name: str, column: Any, first: int) -> NDArray[np.float64]:
    """The column as float64 (n,), if every value is there, and finite as float32 as well."""
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    finite = np.abs(values) <= _LARGEST  # false for NaN
    if not finite.all():
        row = int(np.argmin(finite))
        if not column[row].is_valid:
            problem = "the value is missing"
        elif np.isfinite(values[row]):
            problem = "the value is too large for float32"
        else:
            problem = "the value is not finite"
        _refuse(source, first + row, name, problem)
    return values


def _refuse(
    source: Source, row: int, column: str, problem: str, fix: str | None = None
) -> NoReturn:
    raise source.refusal(row, column, problem, fix)
