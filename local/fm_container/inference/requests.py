"""Request bodies to rows, in all documented shapes.

SageMaker developer guide, "Common Data Formats for Inference": JSON, JSON Lines and
RecordIO-protobuf; an instance is dense (values alone) or sparse (keys, shape, values).
"""

import io
from collections.abc import Callable
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from data_prep import recordio
from data_prep.errors import InputError
from local.fm_container.engine.batches import FloatArray

JSON = "application/json"
JSON_LINES = "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"
UNPARSABLE = "unable to evaluate payload provided"


class Refused(Exception):  # noqa: N818 - the refusal is the server's answer, not its error
    """The request is answered with `status` and the text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Rows(NamedTuple):
    """Rows in CSR form: `indptr` (n + 1,), `columns` and `values` (entries,)."""

    indptr: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    values: FloatArray


def decode(content_type: str, body: bytes, feature_dim: int) -> Rows:
    """The rows of a request; raises Refused."""
    decoder = _DECODERS.get(content_type)
    if decoder is None:
        raise Refused(
            415,
            f"Customer Error: Content-Type header value '{content_type}' not supported "
            "(caused by KeyError)",
        )
    return decoder(body, feature_dim)


def _from_json(body: bytes, feature_dim: int) -> Rows:
    try:
        instances = orjson.loads(body)["instances"]
    except ValueError as error:  # NaN, for one
        raise _bad(f"the body is not JSON: {error}") from None
    except (TypeError, KeyError):
        raise _bad("the body is not a JSON object with 'instances'") from None
    if not isinstance(instances, list) or not instances:
        raise _bad("'instances' is not a list with an element")
    return _from_instances(instances, feature_dim)


def _from_json_lines(body: bytes, feature_dim: int) -> Rows:
    try:
        instances = [orjson.loads(line) for line in body.splitlines() if line.strip()]
    except ValueError as error:
        raise _bad(f"a line is not JSON: {error}") from None
    if not instances:
        raise _bad("there is no line")
    return _from_instances(instances, feature_dim)


def _from_recordio(body: bytes, feature_dim: int) -> Rows:
    try:
        rows, _ = recordio.read(io.BytesIO(body))
    except InputError as error:
        raise _bad(str(error)) from None
    _check_width(rows.shape[1], feature_dim)
    return _checked(rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data)


_DECODERS: dict[str, Callable[[bytes, int], Rows]] = {
    JSON: _from_json,
    JSON_LINES: _from_json_lines,
    RECORDIO: _from_recordio,
}


def _from_instances(instances: list[Any], feature_dim: int) -> Rows:
    """Rows of parsed instances, any mix of dense and sparse."""
    try:
        features = [instance["data"]["features"] for instance in instances]
        keys = [one["keys"] for one in features]
        values = [one["values"] for one in features]
        widths = {one["shape"][0] for one in features}
    except (TypeError, KeyError, IndexError):
        pairs = [_entries(instance, feature_dim) for instance in instances]
        keys, values = [keys for keys, _ in pairs], [values for _, values in pairs]
        widths = set()
    for width in widths:
        _check_width(width, feature_dim)
    try:
        counts = np.fromiter(map(len, keys), np.int64, len(keys))
        matching = counts.tolist() == list(map(len, values))
    except TypeError:
        raise _bad("'keys' and 'values' are not lists") from None
    if not matching:
        raise _bad("an instance has not as many keys as values")
    columns = _numbers(keys, "iu", "keys")
    if len(columns) and (columns.min() < 0 or columns.max() >= feature_dim):
        raise _bad(f"a key is not between 0 and {feature_dim - 1}")
    indptr = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=indptr[1:])
    return _checked(indptr, columns.astype(np.int64), _numbers(values, "iuf", "values"))


def _entries(instance: Any, feature_dim: int) -> tuple[Any, Any]:
    """Keys and values of one instance, dense or sparse."""
    try:
        data = instance.get("data")
        features = instance["features"] if data is None else data["features"]
        if isinstance(features, list):
            features = {"values": features}
        values, keys = features["values"], features.get("keys")
        if keys is None:
            _check_width(len(values), feature_dim)
            return range(feature_dim), values
        _check_width(features["shape"][0], feature_dim)
    except (TypeError, KeyError, IndexError, AttributeError):
        raise _bad("an instance has no 'features' of a documented form") from None
    return keys, values


def _numbers(lists: list[Any], kinds: str, name: str) -> npt.NDArray[Any]:
    try:
        found = np.array(list(chain.from_iterable(lists)))
    except (ValueError, TypeError, OverflowError):
        raise _bad(f"'{name}' holds something that is not a number") from None
    if len(found) and (found.dtype.kind not in kinds or found.ndim != 1):
        raise _bad(f"'{name}' holds something that is not a number")
    return found


def _checked(
    indptr: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], values: npt.NDArray[Any]
) -> Rows:
    with np.errstate(over="ignore"):
        values = values.astype(np.float32)
    if not np.isfinite(values).all():
        raise _bad("a value is not finite in float32")
    return Rows(indptr, columns, values)


def _check_width(width: Any, feature_dim: int) -> None:
    if width != feature_dim:
        raise _bad(
            f"The feature dimension of the input: {width} does not match the feature dimension of "
            f"the model: {feature_dim}. Please fix the input and try again."
        )


def _bad(reason: str) -> Refused:
    return Refused(400, f"{UNPARSABLE}: {reason}")
