"""The values that training knows of a field, in the order of their columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contract.s3_layout import VOCABULARY_FOLDER
from data_prep.arrays import Int32s, Int64s, Integers
from data_prep.errors import InputError

_VALUE, _COUNT = "value", "count"  # columns of the file
_TITLE = "title"
TITLES_FILE = f"{VOCABULARY_FOLDER}titles.parquet"  # of the items, below a preparation's folder


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The known values of a field, the most frequent in training first.

    Attributes:
        values: the values.
        counts: (values,) their training rows.
        index_of_code: (codes,) for each code of the spool the index in `values`, or len(values) if
            training does not know it.
    """

    values: list[str]
    counts: Int64s
    index_of_code: Int32s

    @property
    def known_codes(self) -> Int64s:
        """The codes (values,) of the values."""
        codes = np.flatnonzero(self.index_of_code < len(self.values))
        return codes[np.argsort(self.index_of_code[codes])]

    def indices(self, codes: Integers) -> Int64s:
        """Return the index in `values` of each of the codes (n,), -1 for an unknown value."""
        index = self.index_of_code[codes].astype(np.int64)
        index[index == len(self.values)] = -1
        return index

    def save(self, path: Path) -> None:
        """Write values and counts to a Parquet file."""
        values = pa.array(self.values, pa.string())
        pq.write_table(pa.table({_VALUE: values, _COUNT: self.counts}), path)


class StoredVocabulary(NamedTuple):
    """What `Vocabulary.save` wrote: values, and counts (values,)."""

    values: list[str]
    counts: Int64s


def fit_vocabulary(values: list[str], counts: Int64s, min_count: int) -> Vocabulary:
    """Return the vocabulary of a field.

    It is ordered by falling count, then by value: only the training rows matter.

    Args:
        values: (codes,) the values, different from each other.
        counts: (codes,) their training rows.
        min_count: the rows, at least 1, that a value must have.
    """
    known = np.flatnonzero(counts >= min_count).tolist()
    known.sort(key=lambda code: (-counts[code], values[code]))
    index_of_code = np.full(len(values), len(known), np.int32)
    index_of_code[known] = np.arange(len(known), dtype=np.int32)
    return Vocabulary([values[code] for code in known], counts[known], index_of_code)


def load_vocabulary(path: Path) -> StoredVocabulary:
    """Read what `Vocabulary.save` wrote.

    Raises:
        InputError: the file is missing or damaged.
    """
    table = read_table(path)
    return StoredVocabulary(table.column(_VALUE).to_pylist(), table.column(_COUNT).to_numpy())


def save_titles(path: Path, titles: Mapping[str, str], items: Sequence[str]) -> None:
    """Write the titles of items to a Parquet file, in the order of the items; null: none."""
    column = pa.array([titles.get(item) for item in items], pa.string())
    pq.write_table(pa.table({_TITLE: column}), path)


def load_titles(path: Path, items: Sequence[str]) -> dict[str, str]:
    """Read what `save_titles` wrote: the title of each of the items that has one.

    Raises:
        InputError: the file is missing or damaged.
    """
    titles = read_table(path).column(_TITLE).to_pylist()
    pairs = zip(items, titles, strict=True)
    return {item: title for item, title in pairs if title is not None}


def read_table(path: Path) -> pa.Table:
    """Read a Parquet file of a vocabulary folder.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"the vocabulary cannot be read ({error})", file=str(path)) from None


def values_file(key: str) -> str:
    """Return the file of the values of a field, below the folder of a preparation."""
    return f"{VOCABULARY_FOLDER}{key}.parquet"


def features_file(owner: str) -> str:
    """Return the file of the side features of the owner, user or item, likewise."""
    return f"{VOCABULARY_FOLDER}{owner}_features.parquet"
