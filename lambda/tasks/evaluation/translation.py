"""Rows of one run in the feature columns of another, so that an older model can score them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import scipy.sparse as sp

from data_prep.manifest import Field, Manifest


class Translation:
    """Maps feature rows that `source` prepared to those that `target` would have prepared.

    Both are folders with a manifest and a vocabulary. A value that the target does not know goes
    to its column of unknown values; a field that it does not have is left out.
    """

    def __init__(self, source: Path, target: Path) -> None:
        manifest, wanted = Manifest.load(source), Manifest.load(target)
        self._shape = manifest.feature_dim, wanted.feature_dim
        self._entries: list[tuple[int, int, float]] = []
        self._offset = np.zeros(wanted.feature_dim, np.float32)
        for field in manifest.fields:
            match = next((other for other in wanted.fields if _same(field, other)), None)
            if match is not None:
                self._add(field, match, source, target)
        rows, columns, values = zip(*self._entries, strict=True)
        self._matrix = sp.csr_array(
            (np.array(values, np.float32), (rows, columns)), shape=self._shape
        )

    def __call__(self, rows: Any) -> Any:
        """Return `rows` (CSR, float32, as wide as the source) as rows as wide as the target."""
        translated = rows @ self._matrix
        if self._offset.any():
            ones = sp.csr_array(np.ones((rows.shape[0], 1), np.float32))
            translated = translated + ones @ sp.csr_array(self._offset[None, :])
        return translated.tocsr()

    def _add(self, field: Field, match: Field, source: Path, target: Path) -> None:
        if field.mean is not None and match.mean is not None:
            scale, wanted_scale = field.scale or 1.0, match.scale or 1.0
            self._entries.append((field.start, match.start, scale / wanted_scale))
            self._offset[match.start] = (field.mean - match.mean) / wanted_scale
        elif field.vocabulary and match.vocabulary:
            known = _values(target / match.vocabulary)
            places = {value: place for place, value in enumerate(known)}
            for at, value in enumerate(_values(source / field.vocabulary)):
                place = places.get(value, len(known))
                self._entries.append((field.start + at, match.start + place, 1.0))
            self._entries.append((field.unknown, match.unknown, 1.0))
        else:
            for at in range(min(field.size, match.size)):
                self._entries.append((field.start + at, match.start + at, 1.0))


def _same(field: Field, other: Field) -> bool:
    named = field.role in ("user", "item") or field.name == other.name
    return named and (field.role, field.kind) == (other.role, other.kind)


def _values(path: Path) -> list[str]:
    values: list[str] = pq.read_table(path).column("value").to_pylist()
    return values
