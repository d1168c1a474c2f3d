"""From files to the spool: reading, checking every value, and giving codes to ids."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_prep.csv_source import CsvSource
from data_prep.errors import InputError
from data_prep.roles import resolve
from data_prep.settings import Columns, PrepareSettings
from data_prep.spool import LABEL, TIME, Codes, Spool, row_dtype

BLOCK_BYTES = 16 << 20
USER: Literal["user"] = "user"
ITEM: Literal["item"] = "item"
_TEXT = pa.dictionary(pa.int32(), pa.string())
Progress = Callable[[str], None]


class Ingest:
    """Reads sources into a spool, whose fields are named by `fields`, and `codes` per field."""

    def __init__(self, settings: PrepareSettings, spool_file: Path, progress: Progress) -> None:
        self._settings = settings
        self._spool_file = spool_file
        self._progress = progress
        self.codes = {USER: Codes(), ITEM: Codes()}

    def read(self, paths: Sequence[Path], block_bytes: int) -> tuple[Spool, Columns]:
        """All rows of the files, and the resolved roles; the first thing that is wrong ends it."""
        sources = [
            CsvSource(path, self._settings.separator, self._settings.encoding) for path in paths
        ]
        columns = resolve(str(paths[0]), sources[0].names, self._settings.columns)
        self._progress(_shown(columns))
        timed = columns.timestamp is not None
        spool = Spool(self._spool_file, row_dtype(dict.fromkeys(self.codes, True), timed))
        for path, source in zip(paths, sources, strict=True):
            resolve(str(path), source.names, columns)
            before = spool.rows
            for batch in source.batches(_types(source, columns), block_bytes):
                spool.append(self._rows(source, columns, batch, spool.rows - before, spool.dtype))
                self._progress(f"Read {spool.rows:,} rows, in {path.name}")
            if spool.rows == before:
                raise InputError("the file has a header and no rows", file=str(path))
        spool.close()
        return spool, columns

    def _rows(
        self, source: CsvSource, columns: Columns, batch: Any, first: int, dtype: np.dtype[Any]
    ) -> NDArray[np.void]:
        rows = np.empty(batch.num_rows, dtype)
        for field, name in ((USER, columns.user), (ITEM, columns.item)):
            rows[field] = self.codes[field].of(_ids(source, name, batch.column(name), first))
        labels = _numbers(source, columns.label, batch.column(columns.label), first)
        rows[LABEL] = self._labels(source, columns.label, labels, first)
        if columns.timestamp is not None:
            times = _seconds(batch.column(columns.timestamp))
            rows[TIME] = _numbers(source, columns.timestamp, times, first)
        return rows

    def _labels(
        self, source: CsvSource, name: str, labels: NDArray[np.float64], first: int
    ) -> NDArray[np.float64]:
        if self._settings.predictor_type == "regressor":
            return labels
        threshold = self._settings.label.positive_at_least
        if threshold is not None:
            return (labels >= threshold).astype(np.float64)
        wrong = (labels != 0) & (labels != 1)
        if wrong.any():
            seen = ", ".join(f"{value:g}" for value in np.unique(labels)[:8])
            _refuse(
                source,
                first + int(np.argmax(wrong)),
                name,
                f"a label of a binary_classifier is 0 or 1 (values seen: {seen}), not this",
                "Set label.positive_at_least to the value from which on a label is positive, or "
                "predictor_type to 'regressor'",
            )
        return labels


def _types(source: CsvSource, columns: Columns) -> Mapping[str, pa.DataType]:
    types = {columns.user: _TEXT, columns.item: _TEXT, columns.label: pa.float64()}
    if columns.timestamp is not None:
        types[columns.timestamp] = source.time_type(columns.timestamp)
    return types


def _ids(source: CsvSource, name: str, column: Any, first: int) -> Any:
    """The dictionary-encoded column, if every row has an id."""
    if column.null_count or pc.any(pc.equal(column.dictionary, "")).as_py():
        empty = pc.fill_null(pc.equal(column.dictionary_decode(), ""), True)
        _refuse(source, first + pc.index(empty, True).as_py(), name, "the id is empty")
    return column


def _numbers(source: CsvSource, name: str, column: Any, first: int) -> NDArray[np.float64]:
    """The column as float64 (n,), if every value is there and finite."""
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    finite = np.isfinite(values)
    if not finite.all():
        row = int(np.argmin(finite))
        problem = "the value is not finite" if column[row].is_valid else "the value is missing"
        _refuse(source, first + row, name, problem)
    return values


def _seconds(column: Any) -> Any:
    """Times as numbers; those that were dates, in seconds since 1970."""
    if not pa.types.is_timestamp(column.type):
        return column
    return pc.divide(pc.cast(column.cast(pa.int64()), pa.float64()), 1e6)


def _refuse(
    source: CsvSource, row: int, column: str, problem: str, fix: str | None = None
) -> NoReturn:
    raise source.refusal(row, column, problem, fix)


def _shown(columns: Columns) -> str:
    roles = [f"user={columns.user}", f"item={columns.item}", f"label={columns.label}"]
    roles += [f"timestamp={columns.timestamp}"] if columns.timestamp else []
    return f"Columns: {', '.join(roles)}"
