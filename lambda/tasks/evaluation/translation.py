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

    A value that the target does not know goes to its column of unknown values; a field that it
    does not have is left out.
    """

    def __init__(self, matrix: CsrRows, offset: Float32s) -> None:
        """Take the linear map of rows, shape (d, e), and what is added to each, shape (e,)."""
        self._matrix = matrix
        self._offset = offset

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
            entries.extend(_entries(field, match, source, target))
            if field.mean is not None and match.mean is not None:
                offset[match.start] = (field.mean - match.mean) / (match.scale or 1.0)
        rows, columns, factors = zip(*entries, strict=True)
        shape = from_manifest.feature_dim, to_manifest.feature_dim
        matrix = sp.csr_array((np.array(factors, np.float32), (rows, columns)), shape=shape)
        return cls(matrix, offset)

    def __call__(self, rows: CsrRows) -> CsrRows:
        """Return `rows`, shape (n, d) as the source's, as rows of shape (n, e) as the target's."""
        translated = rows @ self._matrix
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


def _same(field: Field, other: Field) -> bool:
    named = field.role in ("user", "item") or field.name == other.name
    return named and (field.role, field.kind) == (other.role, other.kind)


def _values(path: Path) -> list[str]:
    values: list[str] = pq.read_table(path).column("value").to_pylist()
    return values
