"""The folder `vocabulary/`: the values of each field, side features, and titles."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contract.s3_layout import VOCABULARY_FOLDER
from data_prep.arrays import Float64s, Int32s
from data_prep.pipeline.fit import Fitted
from data_prep.pipeline.histories import Histories
from data_prep.pipeline.history_encoder import ranges
from data_prep.pipeline.spool import ITEM, USER, TextCodes
from data_prep.pipeline.user_items import HISTORY, UserItemsWriter
from data_prep.pipeline.vocabulary import TITLES_FILE, features_file, save_titles

_ITEMS_AT_ONCE = 1 << 22


def write_vocabulary(
    out: Path, codes: Mapping[str, TextCodes], fitted: Fitted, titles: Mapping[str, str] | None
) -> None:
    """Make the folder in `out`, and write to it what training knows.

    Args:
        out: the folder of the preparation.
        codes: the texts of each coded field, by key.
        fitted: what training knows.
        titles: of items, by id, of which those that training knows are written; None: no file.
    """
    (out / VOCABULARY_FOLDER).mkdir()
    for field in fitted.fields:
        if field.vocabulary is not None:
            fitted.vocabularies[field.key].save(out / field.vocabulary)
    for owner in (USER, ITEM):
        keys = [field.key for field in fitted.fields if field.role == f"{owner}_feature"]
        if keys:
            ids = fitted.vocabularies[owner].known_codes
            table = {key: _values(fitted.profiles[key][ids], codes.get(key)) for key in keys}
            pq.write_table(pa.table(table), out / features_file(owner))
    if titles is not None:
        save_titles(out / TITLES_FILE, titles, fitted.vocabularies[ITEM].values)


def _values(values: Int32s | Float64s, codes: TextCodes | None) -> pa.Array:
    if codes is None:
        return pa.array(values)
    return pa.array(codes.texts).take(pa.array(values))


def write_histories(out: Path, histories: Histories, fitted: Fitted) -> None:
    """Write the history of each known user, by the indices of known items, oldest first.

    Args:
        out: the folder of the preparation; the vocabulary is there.
        histories: of all users.
        fitted: what training knows.
    """
    users, items = fitted.vocabularies[USER].known_codes, fitted.vocabularies[ITEM]
    starts, counts = histories.starts[users], histories.counts[users]
    known = np.zeros(len(users), np.int64)
    for part in _parts(counts):
        indices = items.indices(histories.items[ranges(starts[part], counts[part])])
        user = np.repeat(np.arange(len(users))[part], counts[part])
        known += np.bincount(user[indices >= 0], minlength=len(users))
    writer = UserItemsWriter.create(out / VOCABULARY_FOLDER, HISTORY, known)
    for part in _parts(counts):
        indices = items.indices(histories.items[ranges(starts[part], counts[part])])
        user = np.repeat(np.arange(len(users))[part], counts[part])
        writer.add(user[indices >= 0], indices[indices >= 0])
    writer.close()


def _parts(counts: Int32s) -> Iterator[slice]:
    """Yield slices of users who together have about `_ITEMS_AT_ONCE` items."""
    ends = np.cumsum(counts, dtype=np.int64)
    start = 0
    while start < len(counts):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _ITEMS_AT_ONCE, "right")))
        yield slice(start, stop)
        start = stop
