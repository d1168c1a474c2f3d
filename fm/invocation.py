"""The endpoint's JSON as bytes: sparse requests built from rows, scores parsed from responses.

Grammar: SageMaker developer guide, "Common Data Formats for Inference" and
"Factorization Machines Response Formats".
"""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from fm.arrays import CsrRows, Float32s

CONTENT_TYPE = "application/json"
LIMIT_BYTES = 5_000_000  # of a request; InvokeEndpoint accepts 6 MB
_HEAD, _TAIL = b'{"instances":[', b"]}"


def invoke(rows: CsrRows, limit_bytes: int, send: Callable[[bytes], bytes]) -> Float32s:
    """Return an endpoint's scores of any number of rows.

    Args:
        rows: Feature rows, CSR, shape (n, d), n >= 1, of finite values.
        limit_bytes: No request is longer.
        send: Sends a request's body and returns the response's.

    Returns:
        The scores, shape (n,).

    Raises:
        ValueError: A single row does not fit into a request.
    """
    return np.concatenate([parse_scores(send(body)) for body in chunks(rows, limit_bytes)])


def chunks(rows: CsrRows, limit_bytes: int) -> Iterator[bytes]:
    """Yield requests that together hold every row in order.

    Args:
        rows: Feature rows, CSR, shape (n, d), of finite values.
        limit_bytes: No request is longer.

    Yields:
        The requests' bodies, as full as the limit allows; none when there is no row.

    Raises:
        ValueError: A single row does not fit.
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


def _instances(rows: CsrRows) -> Iterator[bytes]:
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


def parse_scores(response: bytes) -> Float32s:
    """Return the scores of a JSON response in the request's order.

    Args:
        response: The response's body.

    Returns:
        The scores, float32, shape (n,).

    Raises:
        ValueError: The response is not of the documented form.
    """
    try:
        predictions = json.loads(response)["predictions"]
        return np.array([prediction["score"] for prediction in predictions], np.float32)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"the endpoint's answer is not of the form {{'predictions': [{{'score': ...}}]}}: "
            f"{response[:200]!r}"
        ) from error
