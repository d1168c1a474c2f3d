"""RecordIO-protobuf bytes to sparse rows, a few megabytes of records at a time.

A piece whose records are laid out as the known writers lay them out is read at once
(`block_reader`); any other is read record by record (`parser`), which takes whatever Protocol
Buffers allow and says what is wrong.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import scipy.sparse as sp

from data_prep.arrays import CsrRows, Float32s
from data_prep.errors import InputError
from data_prep.recordio import block_reader, parser
from data_prep.recordio.frames import read_pieces


def read(file: BinaryIO) -> tuple[CsrRows, Float32s | None]:
    """Read all records of a file.

    Args:
        file: a binary file that is open for reading; its `name`, if any, appears in errors.

    Returns:
        Features (n, d) as csr_array of float32, n >= 1, and labels (n,) float32, or None when no
        record has a label.

    Raises:
        InputError: there is no record, or the bytes are not such records: a wrong magic number, a
            truncated record, a tensor that is not float32, a key beyond the width, a width that
            changes, labels that only some records have; with the number of the record.
    """
    batches = list(read_batches(file))
    if not batches:
        raise InputError("there is no record", file=_file_name(file))
    labels = [label for _, label in batches if label is not None]
    features = sp.csr_array(sp.vstack([matrix for matrix, _ in batches], format="csr"))
    return features, np.concatenate(labels) if labels else None


def read_batches(file: BinaryIO) -> Iterator[tuple[CsrRows, Float32s | None]]:
    """Read the records of a file as `read` does, a few megabytes at a time.

    A file without records yields nothing.
    """
    name = _file_name(file)
    columns: int | None = None
    labelled: bool | None = None
    first = 0
    for piece in read_pieces(file, name):
        rows = block_reader.read_piece(piece)
        if rows is None:
            rows = parser.parse_piece(piece, name, first)
        columns = rows.columns if columns is None else columns
        labelled = (rows.labels is not None) if labelled is None else labelled
        if columns != rows.columns:
            raise InputError(
                f"record {first} has feature_dim {rows.columns}, the records before it {columns}",
                file=name,
            )
        if labelled != (rows.labels is not None):
            has, had = ("no", "one") if labelled else ("a", "none")
            raise InputError(
                f"record {first} has {has} label, the records before it have {had}", file=name
            )
        shape = (len(rows.indptr) - 1, columns)
        yield sp.csr_array((rows.data, rows.indices, rows.indptr), shape=shape), rows.labels
        first += len(piece.starts)


def _file_name(file: BinaryIO) -> str | None:
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else None
