"""Rows of one run in the feature columns of another, so that an older model can score them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import pyarrow.parquet as pq
import scipy.sparse as sp

from data_prep.manifest import Field, Manifest
from fm.arrays import CsrRows, Float32s

_Entry: TypeAlias = tuple[int, int, float]  # source column, target column, factor


class Translation:
    """Maps feature rows that `source` prepared to those that `target` would have prepared.

    A value that the target does not know goes to its column of unknown values, or out of a
    history, whose other items then weigh more; a field that it does not have is left out. A history
    keeps its length where the target's would be cut to fewer items: rows do not say which are old.
    """

    def __init__(self, matrix: CsrRows, offset: Float32s, history: Field | None = None) -> None:
        """Take the map.

        Args:
            matrix: the linear map of rows, shape (d, e).
            offset: what is added to each, shape (e,).
            history: the target's field with a user's history, if users are known by it.
        """
        self._matrix = matrix
        self._offset = offset
        self._history = history

    @classmethod
    def load(cls, source: Path, target: Path) -> Self:
        """Return the translation between two folders with a manifest and a vocabulary.

        Raises:
            InputError: a manifest is missing or damaged.
        """
        from_manifest, to_manifest = Manifest.load(source), Manifest.load(target)
        entries: list[_Entry] = []
        offset = np.zeros(to_manifest.feature_dim, np.float32)
        for field in from_manifest.fields:
            match = next((other for other in to_manifest.fields if _same(field, other)), None)
            if match is None:
                continue
            if field.kind == "history":  # its columns are the items' once more
                files = source, from_manifest.field("item"), target, to_manifest.field("item")
                pairs = _known_to_both(*files)
                entries += [(field.start + ours, match.start + its, 1.0) for ours, its in pairs]
                continue
            entries.extend(_entries(field, match, source, target))
            if field.mean is not None and match.mean is not None:
                offset[match.start] = (field.mean - match.mean) / (match.scale or 1.0)
        rows, columns, factors = zip(*entries, strict=True)
        shape = from_manifest.feature_dim, to_manifest.feature_dim
        matrix = sp.csr_array((np.array(factors, np.float32), (rows, columns)), shape=shape)
        user = to_manifest.field("user")
        return cls(matrix, offset, user if user.kind == "history" else None)

    def __call__(self, rows: CsrRows) -> CsrRows:
        """Return `rows`, shape (n, d) as the source's, as rows of shape (n, e) as the target's."""
        translated = (rows @ self._matrix).tocsr()
        if self._history is not None:
            _weigh_anew(translated, self._history)
        if self._offset.any():
            ones = sp.csr_array(np.ones((rows.shape[0], 1), np.float32))
            translated = translated + ones @ sp.csr_array(self._offset[None, :])
        return translated.tocsr()


def _entries(field: Field, match: Field, source: Path, target: Path) -> Iterator[_Entry]:
    if field.mean is not None and match.mean is not None:
        yield field.start, match.start, (field.scale or 1.0) / (match.scale or 1.0)
    elif field.vocabulary and match.vocabulary:
        known = _values(target / match.vocabulary)
        index_of = {value: index for index, value in enumerate(known)}
        for index, value in enumerate(_values(source / field.vocabulary)):
            yield field.start + index, match.start + index_of.get(value, len(known)), 1.0
        yield field.unknown, match.unknown, 1.0
    else:
        for index in range(min(field.size, match.size)):
            yield field.start + index, match.start + index, 1.0


def _known_to_both(
    source: Path, field: Field, target: Path, match: Field
) -> Iterator[tuple[int, int]]:
    """Yield the indices, in the source and in the target, of the values that both know."""
    if field.vocabulary and match.vocabulary:
        index_of = {value: at for at, value in enumerate(_values(target / match.vocabulary))}
        for index, value in enumerate(_values(source / field.vocabulary)):
            if value in index_of:
                yield index, index_of[value]


def _weigh_anew(rows: CsrRows, history: Field) -> None:
    """Let the n items that are left of each row's history weigh 1 / sqrt(n), in place."""
    inside = (rows.indices >= history.start) & (rows.indices < history.start + history.size)
    row_of = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))[inside]
    counts = np.bincount(row_of, minlength=rows.shape[0])
    rows.data[inside] = 1 / np.sqrt(counts[row_of])


def _same(field: Field, other: Field) -> bool:
    named = field.role in ("user", "item") or field.name == other.name
    return named and (field.role, field.kind) == (other.role, other.kind)


def _values(path: Path) -> list[str]:
    values: list[str] = pq.read_table(path).column("value").to_pylist()
    return values
