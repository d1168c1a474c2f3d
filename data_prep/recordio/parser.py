"""RecordIO-protobuf payloads, one record at a time: any legal encoding, and exact errors.

Protocol Buffers let a writer order fields as it likes, leave numbers unpacked and add fields; this
takes all of it. Source of the rules: https://protobuf.dev/programming-guides/encoding/.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data_prep.arrays import Float32s, Int64s, Integers
from data_prep.errors import InputError
from data_prep.recordio.frames import Piece

_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_FLOAT32 = 2
_OTHER_TENSORS = {3: "float64", 7: "int32", 9: "bytes"}
Payload = int | bytes


@dataclass(frozen=True, eq=False)
class ParsedRows:
    """Records in CSR form.

    Attributes:
        indptr: (n + 1,), where each record's values begin.
        indices: (nnz,), the columns.
        data: (nnz,), the values.
        labels: (n,), or None.
        columns: the width of the matrix.
    """

    indptr: Int64s
    indices: Integers
    data: Float32s
    labels: Float32s | None
    columns: int


@dataclass
class Tensor:
    """The values of a record, with the keys and the shape that a sparse one has."""

    values: list[float] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    shape: list[int] = field(default_factory=list)


def parse_piece(piece: Piece, name: str | None, first: int) -> ParsedRows:
    """Return the records of a piece.

    Args:
        piece: the records.
        name: what an error calls the file.
        first: the number of the first record in the file.

    Raises:
        InputError: a record cannot be read, or differs in width or label; with its number.
    """
    rows: list[Tensor] = []
    labels: list[float] = []
    columns: int | None = None
    raw, starts, lengths = piece
    for row, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
        try:
            features, label = parse_record(raw[start : start + length].tobytes())
            columns = _same_columns(features, columns)
            if bool(row) and (label is None) != (not labels):
                raise ValueError(
                    "has no label" if label is None else "has a label, others have none"
                )
        except ValueError as error:
            raise InputError(f"record {first + row} {error}", file=name) from None
        rows.append(features)
        labels += [] if label is None else [label]
    columns = columns or 0
    counts = [len(row.values) for row in rows]
    return ParsedRows(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate([row.keys if row.shape else range(columns) for row in rows]).astype(
            np.int64
        ),
        np.concatenate([row.values for row in rows]).astype(np.float32),
        np.array(labels, np.float32) if labels else None,
        columns,
    )


def column_count(features: Tensor) -> int:
    """Return the number of columns of the matrix that a record belongs to.

    Raises:
        ValueError: values, keys and shape do not fit each other; it says how the record is.
    """
    if len(features.shape) > 1:
        raise ValueError(f"has a tensor of {len(features.shape)} dimensions, not of one")
    if features.keys and not features.shape:
        raise ValueError("has keys but no shape, so that its width is unknown")
    if features.shape and len(features.keys) != len(features.values):
        raise ValueError(f"has {len(features.values)} values but {len(features.keys)} keys")
    columns = features.shape[0] if features.shape else len(features.values)
    if not columns:
        raise ValueError("is empty: it has neither values nor a shape")
    if max(features.keys, default=0) >= columns:
        raise ValueError(f"has key {max(features.keys)}, beyond its feature_dim {columns}")
    return columns


def _same_columns(features: Tensor, before: int | None) -> int:
    columns = column_count(features)
    if before not in (None, columns):
        raise ValueError(f"has feature_dim {columns}, the records before it have {before}")
    return columns


def parse_record(payload: bytes) -> tuple[Tensor, float | None]:
    """Return features and label (or None) of one record.

    Raises:
        ValueError: the payload is not such a record; it says what the record has or is instead.
    """
    features = label = None
    for number, content in _fields(payload):
        if number == 1:
            features = _map_entry(content, "feature")
        elif number == 2:
            label = _map_entry(content, "label")
    if features is None:
        raise ValueError("has no features")
    if label is None:
        return features, None
    if len(label.values) != 1:
        raise ValueError(f"has {len(label.values)} label values, not one")
    return features, label.values[0]


def _map_entry(content: Payload, what: str) -> Tensor:
    key, tensor = None, None
    for number, part in _fields(_message(content)):
        if number == 1:
            key = part
        elif number == 2:
            tensor = _tensor(_message(part), what)
    if key != b"values" or tensor is None:
        raise ValueError(f'has a {what} that is not called "values"')
    return tensor


def _tensor(value: bytes, what: str) -> Tensor:
    tensor = None
    for number, part in _fields(value):
        if number in _OTHER_TENSORS:
            raise ValueError(
                f"has a {what} tensor of type {_OTHER_TENSORS[number]}; "
                "Factorization Machines reads float32 alone"
            )
        if number == _FLOAT32:
            tensor = _float32_tensor(_message(part))
    if tensor is None:
        raise ValueError(f"has a {what} without a tensor")
    return tensor


def _float32_tensor(message: bytes) -> Tensor:
    tensor = Tensor()
    for number, part in _fields(message):
        if number == 1:
            if isinstance(part, int) and part >> 32:
                raise ValueError("has a value that is not a float32")
            raw = part.to_bytes(4, "little") if isinstance(part, int) else part
            if len(raw) % 4:
                raise ValueError(f"has {len(raw)} bytes of values, not a multiple of four")
            tensor.values += struct.unpack(f"<{len(raw) // 4}f", raw)
        elif number in (2, 3):
            numbers = [part] if isinstance(part, int) else list(_packed(part))
            (tensor.keys if number == 2 else tensor.shape).extend(numbers)
    return tensor


def _message(content: Payload) -> bytes:
    if isinstance(content, int):
        raise ValueError("is not a record of SageMaker's training data")
    return content


def _packed(raw: bytes) -> Iterator[int]:
    at = 0
    while at < len(raw):
        number, at = _number(raw, at)
        yield number


def _number(raw: bytes, at: int) -> tuple[int, int]:
    """Return the varint at byte `at`, and the byte after it."""
    value = 0
    for shift in range(0, 70, 7):
        if at == len(raw):
            break
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
    raise ValueError("has a number that does not end")


def _fields(raw: bytes) -> Iterator[tuple[int, Payload]]:
    """Yield number and content of each field of a message; an int unless length-delimited."""
    at = 0
    while at < len(raw):
        tag, at = _number(raw, at)
        kind, size = tag & 7, 0
        if kind == _VARINT:
            number, at = _number(raw, at)
            yield tag >> 3, number
            continue
        if kind == _DELIMITED:
            size, at = _number(raw, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"has a field of unknown wire type {kind}")
        if at + size > len(raw):
            raise ValueError("has a field that is longer than the record")
        content = raw[at : at + size]
        at += size
        yield tag >> 3, content if kind == _DELIMITED else int.from_bytes(content, "little")
