"""The rows of a request's body, in all documented formats.

SageMaker developer guide, "Common Data Formats for Inference": JSON, JSON Lines and
RecordIO-protobuf; an instance is dense (values alone) or sparse (keys, shape, values).
"""

import io
from collections.abc import Callable
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import orjson

from data_prep import recordio
from data_prep.errors import InputError
from fm.arrays import AnyArray, Float32s, Int64s
from local.fm_container.content_types import JSON, JSON_LINES, RECORDIO

UNPARSABLE = "unable to evaluate payload provided"


class RequestError(Exception):
    """A request that the server cannot fulfil.

    Attributes:
        status: Status code of the response.
        text: Its body.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Rows(NamedTuple):
    """Feature rows in CSR form.

    Attributes:
        indptr: Where each row's entries begin and end, shape (n + 1,).
        columns: The entries' features, shape (entries,).
        values: The entries' values, shape (entries,).
    """

    indptr: Int64s
    columns: Int64s
    values: Float32s


def decode(content_type: str, body: bytes, feature_dim: int) -> Rows:
    """Return the rows of a request.

    Args:
        content_type: The body's content type, in lower case, without parameters.
        body: The body.
        feature_dim: Number of the model's features.

    Raises:
        RequestError: The content type is unknown (415), or the body cannot be evaluated (400).
    """
    decoder = _DECODERS.get(content_type)
    if decoder is None:
        raise RequestError(
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


def _from_instances(instances: list[Any], feature_dim: int) -> Rows:  # parsed JSON, unchecked
    """Return the rows of instances, any mix of dense and sparse."""
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


def _entries(instance: Any, feature_dim: int) -> tuple[Any, Any]:  # parsed JSON, unchecked
    """Return keys and values of one instance, dense or sparse."""
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


def _numbers(lists: list[Any], kinds: str, name: str) -> AnyArray:  # parsed JSON, unchecked
    """Return the elements of all lists when their dtype is one of the `kinds`."""
    try:
        numbers = np.array(list(chain.from_iterable(lists)))
    except (ValueError, TypeError, OverflowError):
        raise _bad(f"'{name}' holds something that is not a number") from None
    if len(numbers) and (numbers.dtype.kind not in kinds or numbers.ndim != 1):
        raise _bad(f"'{name}' holds something that is not a number")
    return numbers


def _checked(indptr: Int64s, columns: Int64s, values: AnyArray) -> Rows:
    with np.errstate(over="ignore"):
        values = values.astype(np.float32)
    if not np.isfinite(values).all():
        raise _bad("a value is not finite in float32")
    return Rows(indptr, columns, values)


def _check_width(width: object, feature_dim: int) -> None:
    if width != feature_dim:
        raise _bad(
            f"The feature dimension of the input: {width} does not match the feature dimension of "
            f"the model: {feature_dim}. Please fix the input and try again."
        )


def _bad(reason: str) -> RequestError:
    return RequestError(400, f"{UNPARSABLE}: {reason}")
