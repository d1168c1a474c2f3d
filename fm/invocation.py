"""The endpoint's JSON as bytes: sparse requests built from rows, scores parsed from responses.

Grammar: SageMaker developer guide, "Common Data Formats for Inference" and
"Factorization Machines Response Formats".
"""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

CONTENT_TYPE = "application/json"
_HEAD, _TAIL = b'{"instances":[', b"]}"


def to_json(rows: Any) -> bytes:
    """One request for the rows of a scipy CSR array of shape (n, d), whose values are finite."""
    return _HEAD + b",".join(_instances(rows)) + _TAIL


def chunks(rows: Any, limit_bytes: int) -> Iterator[bytes]:
    """Requests that together hold every row in order, none longer than `limit_bytes`.

    Raises ValueError when a single row does not fit.
    """
    room = limit_bytes - len(_HEAD) - len(_TAIL)
    batch: list[bytes] = []
    used = 0
    for number, instance in enumerate(_instances(rows)):
        if len(instance) > room:
            raise ValueError(
                f"row {number} alone takes {len(instance)} bytes of a request that may have "
                f"{limit_bytes}: send it to an endpoint with a larger limit"
            )
        size = len(instance) + bool(batch)
        if used + size > room:
            yield _HEAD + b",".join(batch) + _TAIL
            batch, used, size = [], 0, len(instance)
        batch.append(instance)
        used += size
    if batch:
        yield _HEAD + b",".join(batch) + _TAIL


def _instances(rows: Any) -> Iterator[bytes]:
    shape = b'],"shape":[%d],"values":[' % rows.shape[1]
    bounds = rows.indptr.tolist()
    for start, end in pairwise(bounds):
        keys = str(rows.indices[start:end].tolist())[1:-1]
        values = str(rows.data[start:end].tolist())[1:-1]
        yield (
            b'{"data":{"features":{"keys":['
            + keys.replace(" ", "").encode()
            + shape
            + values.replace(" ", "").encode()
            + b"]}}}"
        )


def parse_scores(response: bytes) -> npt.NDArray[np.float32]:
    """The scores of a JSON response, in the request's order: float32, shape (n,).

    Raises ValueError when the response is not of the documented form.
    """
    try:
        predictions = json.loads(response)["predictions"]
        return np.array([prediction["score"] for prediction in predictions], np.float32)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"the endpoint's answer is not of the form {{'predictions': [{{'score': ...}}]}}: "
            f"{response[:200]!r}"
        ) from error
