"""Scores to response bodies: JSON, JSON Lines or RecordIO-protobuf, as the request accepts.

SageMaker developer guide, "Factorization Machines Response Formats"; the predicted label is a
float, as real endpoints answer.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from local.fm_container.engine.batches import FloatArray
from local.fm_container.inference.requests import JSON, JSON_LINES, RECORDIO, Refused

_RECORDIO_MAGIC = (0xCED7230A).to_bytes(4, "little")


def negotiate(accept: str, content_type: str, default: str) -> str:
    """The response's content type: what `accept` asks for, else `default`, else the request's own
    form of JSON; raises Refused when none of the accepted ones is known.
    """
    usual = default or (JSON if content_type == JSON else JSON_LINES)
    for wanted in _ranked(accept if accept.strip() else "*/*"):
        choice = usual if wanted in ("*/*", "application/*") else wanted
        if choice in _ENCODERS:
            return choice
    raise Refused(406, f"Customer Error: Accept header value '{accept or usual}' not supported")


def _ranked(accept: str) -> list[str]:
    """The media ranges of an Accept header, the most wanted first, without what is not wanted."""
    ranges = []
    for part in filter(str.strip, accept.lower().split(",")):
        name, *parameters = [piece.strip() for piece in part.split(";")]
        found = [re.fullmatch(r"q\s*=\s*([01](?:\.\d*)?)", piece) for piece in parameters]
        quality = next((float(match[1]) for match in found if match), 1.0)
        ranges.append((quality, name))
    ranked = sorted(ranges, key=lambda one: -one[0])
    return [name for quality, name in ranked if quality]


def encode(accept: str, scores: FloatArray, binary: bool) -> bytes:
    """The scores (n,) in the form `accept`; a classifier's predicted label is score >= 0.5."""
    return _ENCODERS[accept](scores, binary)


def _predictions(scores: FloatArray, binary: bool) -> list[dict[str, Any]]:
    if not binary:
        return [{"score": score} for score in scores.tolist()]
    return [
        {"score": score, "predicted_label": 1.0 if score >= 0.5 else 0.0}
        for score in scores.tolist()
    ]


def _to_json(scores: FloatArray, binary: bool) -> bytes:
    return orjson.dumps({"predictions": _predictions(scores, binary)})


def _to_json_lines(scores: FloatArray, binary: bool) -> bytes:
    return b"\n".join(map(orjson.dumps, _predictions(scores, binary))) + b"\n"


def _to_recordio(scores: FloatArray, binary: bool) -> bytes:
    """One record per row; all are equally long, so they differ in the numbers alone."""
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
    """An entry of the record's label map that ends in a float32 of zero."""
    values = b"\x0a\x04" + bytes(4)
    tensor = b"\x12" + bytes([len(values)]) + values
    value = b"\x12" + bytes([len(tensor)]) + tensor
    entry = b"\x0a" + bytes([len(name)]) + name + value
    return b"\x12" + bytes([len(entry)]) + entry


def _store(records: npt.NDArray[np.uint8], at: int, numbers: FloatArray) -> None:
    records[:, at : at + 4] = numbers.astype("<f4").view(np.uint8).reshape(-1, 4)


_ENCODERS: dict[str, Callable[[FloatArray, bool], bytes]] = {
    JSON: _to_json,
    JSON_LINES: _to_json_lines,
    RECORDIO: _to_recordio,
}
