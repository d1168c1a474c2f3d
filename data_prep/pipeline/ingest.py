"""From files to the spool: reading, checking every value, and giving codes to texts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data_prep.arrays import Float64s
from data_prep.pipeline import column_roles
from data_prep.pipeline.batches import Batch, read_batches, resolve_columns
from data_prep.pipeline.fields import FieldPlan, plan
from data_prep.pipeline.spool import LABEL, TIME, Codes, Rows, Spool, row_dtype
from data_prep.settings import Columns, PrepareSettings
from data_prep.sources.arrow_types import Form, Forms
from data_prep.sources.input_file import InputFile

Progress = Callable[[str], None]
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
        self.columns: Columns = resolve_columns(paths, settings)
        self.fields: tuple[FieldPlan, ...] = plan(self.columns)
        self.codes = {field.key: Codes() for field in self.fields if field.coded}
        progress(column_roles.shown(self.columns))

    def read(self, spool_file: Path, block_bytes: int) -> Spool:
        """All rows of the files; the first thing that is wrong ends it."""
        keys = {field.key: field.coded for field in self.fields if field.key != TIME}
        spool = Spool(spool_file, row_dtype(keys, self.columns.timestamp is not None))
        batches = read_batches(
            self._paths, self._settings, self.columns, self._forms(), block_bytes
        )
        for batch in batches:
            spool.append(self._rows(batch, spool.dtype))
            self._progress(f"Read {spool.rows:,} rows, in {batch.file.name}")
        spool.close()
        return spool

    def _forms(self) -> Forms:
        forms: dict[str, Form] = {
            field.column: field.form for field in self.fields if field.key != TIME
        }
        if self.columns.label is not None:
            forms[self.columns.label] = "number"
        if self.columns.timestamp is not None:
            forms[self.columns.timestamp] = "time"
        return forms

    def _rows(self, batch: Batch, dtype: np.dtype[Any]) -> Rows:
        rows = np.empty(len(batch), dtype)
        for field in self.fields:
            if field.coded:
                required = field.role in ("user", "item")
                texts = batch.texts(field.column, required=required)
                rows[field.key] = self.codes[field.key].of(texts)
            elif field.key != TIME:
                rows[field.key] = batch.numbers(field.column)
        rows[LABEL] = self._labels(batch)
        if self.columns.timestamp is not None:
            rows[TIME] = self._in_seconds(batch, self.columns.timestamp)
        return rows

    def _labels(self, batch: Batch) -> Float64s:
        name = self.columns.label
        if name is None:
            return np.ones(len(batch))
        labels = batch.numbers(name)
        if self._settings.predictor_type == "regressor":
            return labels
        threshold = self._settings.label.positive_at_least
        if threshold is not None:
            summed = self._settings.duplicates == "sum"
            return labels if summed else (labels >= threshold).astype(np.float64)
        wrong = (labels != 0) & (labels != 1)
        if wrong.any():
            seen = ", ".join(f"{value:g}" for value in np.unique(labels)[:_SEEN])
            batch.refuse(
                int(np.argmax(wrong)),
                name,
                f"a label of a binary_classifier is 0 or 1 (values seen: {seen}), not this",
                "Set label.positive_at_least to the value from which on a label is positive, or "
                "predictor_type to 'regressor'",
            )
        return labels

    def _in_seconds(self, batch: Batch, name: str) -> Float64s:
        """Times in seconds; whether they come in thousandths or less, their size tells.

        In seconds, 1e11 is the year 5138; in milliseconds it is 1973. All must come in one unit.
        """
        times = batch.numbers(name)
        units = _UNITS[np.searchsorted(_UNITS[1:] * 1e8, np.abs(times), "right")]
        told = np.flatnonzero(times)
        if self._unit is None and len(told):
            self._unit = float(units[told[0]])
        other = told[units[told] != self._unit]
        if len(other):
            batch.refuse(
                int(other[0]),
                name,
                "the time is in another unit than those before it (seconds, or milli-, micro- or "
                "nanoseconds, by its size)",
            )
        return times / (self._unit or 1.0)
