"""A response's body of scores: JSON, JSON Lines or RecordIO-protobuf, as the request accepts.

SageMaker developer guide, "Factorization Machines Response Formats"; the predicted label is a
float, as real endpoints answer.
"""

import re
from collections.abc import Callable
from typing import NotRequired, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt
import orjson

from fm.arrays import Float32s
from local.fm_container.content_types import JSON, JSON_LINES, RECORDIO
from local.fm_container.inference.requests import RequestError

_Bytes: TypeAlias = npt.NDArray[np.uint8]
_RECORDIO_MAGIC = (0xCED7230A).to_bytes(4, "little")


def negotiate(accept: str, content_type: str, default: str) -> str:
    """Return the content type of a response.

    Args:
        accept: The request's Accept header, "" if it has none.
        content_type: Content type of the request.
        default: What a request gets that accepts anything; "" for JSON to JSON, and JSON Lines to
            others.

    Raises:
        RequestError: None of the accepted content types is known (406).
    """
    usual = default or (JSON if content_type == JSON else JSON_LINES)
    for media_range in _ranked(accept if accept.strip() else "*/*"):
        choice = usual if media_range in ("*/*", "application/*") else media_range
        if choice in _ENCODERS:
            return choice
    raise RequestError(
        406, f"Customer Error: Accept header value '{accept or usual}' not supported"
    )


def _ranked(accept: str) -> list[str]:
    """Return the media ranges of an Accept header by falling quality, without those of 0."""
    ranges = []
    for part in filter(str.strip, accept.lower().split(",")):
        name, *parameters = [piece.strip() for piece in part.split(";")]
        matches = [re.fullmatch(r"q\s*=\s*([01](?:\.\d*)?)", piece) for piece in parameters]
        quality = next((float(match[1]) for match in matches if match), 1.0)
        ranges.append((quality, name))
    ranked = sorted(ranges, key=lambda one: -one[0])
    return [name for quality, name in ranked if quality]


def encode(accept: str, scores: Float32s, binary: bool) -> bytes:
    """Return the body of a response.

    Args:
        accept: Its content type, as `negotiate` returns it.
        scores: The scores, shape (n,).
        binary: Whether the model is a classifier, whose predicted label is score >= 0.5.
    """
    return _ENCODERS[accept](scores, binary)


class _Prediction(TypedDict):
    score: float
    predicted_label: NotRequired[float]


def _predictions(scores: Float32s, binary: bool) -> list[_Prediction]:
    if not binary:
        return [{"score": score} for score in scores.tolist()]
    return [
        {"score": score, "predicted_label": 1.0 if score >= 0.5 else 0.0}
        for score in scores.tolist()
    ]


def _to_json(scores: Float32s, binary: bool) -> bytes:
    return orjson.dumps({"predictions": _predictions(scores, binary)})


def _to_json_lines(scores: Float32s, binary: bool) -> bytes:
    return b"\n".join(map(orjson.dumps, _predictions(scores, binary))) + b"\n"


def _to_recordio(scores: Float32s, binary: bool) -> bytes:
    """Return one record per row; all are equally long and differ in the numbers alone."""
    parts = [_entry(b"score")] + ([_entry(b"predicted_label")] if binary else [])
    payload = b"".join(parts)
    head = _RECORDIO_MAGIC + len(payload).to_bytes(4, "little")
    record = np.frombuffer(head + payload + bytes(-len(payload) % 4), np.uint8)
    records = np.tile(record, (len(scores), 1))
    first = len(head) + len(parts[0])
    _store(records, first - 4, scores)
    if binary:
        _store(records, first + len(parts[1]) - 4, (scores >= 0.5).astype(np.float32))
    return records.tobytes()


def _entry(name: bytes) -> bytes:
    """Return an entry of a record's label map, which ends in a float32 of zero."""
    values = b"\x0a\x04" + bytes(4)
    tensor = b"\x12" + bytes([len(values)]) + values
    value = b"\x12" + bytes([len(tensor)]) + tensor
    entry = b"\x0a" + bytes([len(name)]) + name + value
    return b"\x12" + bytes([len(entry)]) + entry


def _store(records: _Bytes, at: int, numbers: Float32s) -> None:
    records[:, at : at + 4] = numbers.astype("<f4").view(np.uint8).reshape(-1, 4)


_ENCODERS: dict[str, Callable[[Float32s, bool], bytes]] = {
    JSON: _to_json,
    JSON_LINES: _to_json_lines,
    RECORDIO: _to_recordio,
}
