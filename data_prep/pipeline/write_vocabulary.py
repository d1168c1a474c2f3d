"""The folder `vocabulary/`: the values of each field, and the side features of users and items."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from contract.s3_layout import VOCABULARY_FOLDER
from data_prep.arrays import Float64s, Int32s
from data_prep.pipeline.fit import Fitted
from data_prep.pipeline.spool import ITEM, USER, TextCodes
from data_prep.pipeline.vocabulary import features_file


def write_vocabulary(out: Path, codes: Mapping[str, TextCodes], fitted: Fitted) -> None:
    """Make the folder in `out`, and write to it what training knows.

    Args:
        out: the folder of the preparation.
        codes: the texts of each coded field, by key.
        fitted: what training knows.
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


def _values(values: Int32s | Float64s, codes: TextCodes | None) -> pa.Array:
    if codes is None:
        return pa.array(values)
    return pa.array(codes.texts).take(pa.array(values))
