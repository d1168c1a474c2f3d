"""Values of columns to feature rows, as the rows of training were encoded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from data_prep.arrays import CsrRows
from data_prep.errors import InputError
from data_prep.manifest import Field, Manifest, Role
from data_prep.pipeline.features import encode_rows
from data_prep.pipeline.fit import encoder_of
from data_prep.pipeline.vocabulary import StoredVocabulary, features_file, read_table

# By column of the input, the value of each row: texts, numbers, or seconds since 1970.
FeatureColumns: TypeAlias = Mapping[str, Sequence[str] | Sequence[float]]
Vocabularies: TypeAlias = Mapping[str, StoredVocabulary]  # by the key of the field
_NO_TEXT = ""  # the text of a missing side feature


def rows_of_ids(
    directory: Path, manifest: Manifest, vocabularies: Vocabularies, owner: Role, feature: Role
) -> CsrRows:
    """Return the rows (ids + 1, feature_dim) of each known id, in order, and of an unknown one.

    Args:
        directory: of the preparation.
        manifest: of the preparation.
        vocabularies: of the fields that have one, by key.
        owner: whose ids; a history, which may stand for a user, is not among the features.
        feature: the role of the owner's side features.
    """
    id_field = manifest.field(owner)
    fields = [field for field in manifest.fields if field.role == feature]
    ids = vocabularies[id_field.key].values
    if id_field.kind == "history" and not fields:
        return _empty_rows(len(ids) + 1, manifest.feature_dim)
    columns = {id_field.key: pa.array([*ids, None], pa.string())}
    if fields:
        table = read_table(directory / features_file(owner))
        for field in fields:
            values = table.column(field.key).to_pylist()
            unknown = field.mean if field.kind == "numeric" else None
            columns[field.key] = pa.array([*values, unknown])
    encoded = fields if id_field.kind == "history" else [id_field, *fields]
    return encode_columns(encoded, columns, vocabularies, manifest.feature_dim)


def arrow_columns(
    fields: Sequence[Field], count: int, values: FeatureColumns
) -> dict[str, pa.Array]:
    """Return the values (count,) of the fields, by their keys.

    Raises:
        InputError: a field is missing, or has another number of values.
    """
    columns: dict[str, pa.Array] = {}
    for field in fields:
        if field.name not in values or len(values[field.name]) != count:
            raise InputError(
                f"{count} values of the {field.role.replace('_', ' ')} are needed",
                column=field.name,
                fix="Give one for each row",
            )
        columns[field.key] = pa.array(values[field.name])
    return columns


def encode_columns(
    fields: Sequence[Field],
    columns: Mapping[str, pa.Array],
    vocabularies: Vocabularies,
    feature_dim: int,
) -> CsrRows:
    """Return the rows (n, feature_dim) of columns (n,) of texts (null: unknown) or numbers."""
    # By key: the hour and the day are two fields of one time.
    dtypes = {field.key: "<i4" if field.key in vocabularies else "<f8" for field in fields}
    rows = np.empty(len(columns[fields[0].key]), list(dtypes.items()))
    encoders = []
    for field in fields:
        column, texts, known = columns[field.key], [_NO_TEXT], list[str]()
        if field.key in vocabularies:
            coded = column.cast(pa.string()).dictionary_encode()
            texts = [*coded.dictionary.to_pylist(), _NO_TEXT]
            column = coded.indices.fill_null(len(texts) - 1)
            known = vocabularies[field.key].values
        rows[field.key] = column.to_numpy(zero_copy_only=False)
        encoders.append(encoder_of(field, texts, known))
    return encode_rows(encoders, rows, feature_dim)


def _empty_rows(count: int, feature_dim: int) -> CsrRows:
    nothing = np.empty(0, np.float32), np.empty(0, np.int32), np.zeros(count + 1, np.int32)
    return sp.csr_array(nothing, shape=(count, feature_dim))
