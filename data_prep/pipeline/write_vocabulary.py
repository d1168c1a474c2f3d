"""The folder `vocabulary/`: the values of each field, side features, and titles."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from contract.s3_layout import VOCABULARY_FOLDER
from data_prep.arrays import Float64s, Int32s
from data_prep.pipeline.fit import Fitted
from data_prep.pipeline.spool import ITEM, USER, TextCodes
from data_prep.pipeline.vocabulary import TITLES_FILE, features_file, save_titles


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
