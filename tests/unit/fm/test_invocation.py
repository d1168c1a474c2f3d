"""Requests carry every row exactly; responses give every score."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from fm import invocation


def decoded(bodies: list[bytes], d: int = 40) -> Any:
    instances = [row for body in bodies for row in json.loads(body)["instances"]]
    dense = np.zeros((len(instances), d), np.float32)
    for row, instance in zip(dense, instances, strict=True):
        features = instance["data"]["features"]
        assert features["shape"] == [d]
        row[features["keys"]] = features["values"]
    return dense


def one_request(rows: Any) -> bytes:
    (body,) = invocation.chunks(rows, 1 << 30)
    return body


def test_a_request_carries_every_row(rows: Any) -> None:
    assert np.array_equal(decoded([one_request(rows)]), rows.todense())


def test_the_bytes_are_the_documented_sparse_form() -> None:
    rows = sparse.csr_array(np.array([[0, 1.5, 2]], np.float32))
    assert one_request(rows) == (
        b'{"instances":[{"data":{"features":{"keys":[1,2],"shape":[3],"values":[1.5,2.0]}}}]}'
    )


@given(st.integers(600, 5000))
def test_chunks_stay_below_the_limit_and_lose_nothing(limit: int) -> None:
    rng = np.random.default_rng(8)
    rows = sparse.random_array((60, 40), density=0.15, rng=rng, dtype=np.float32).tocsr()
    bodies = list(invocation.chunks(rows, limit))
    assert all(len(body) <= limit for body in bodies)
    assert np.array_equal(decoded(bodies), rows.todense())


def test_chunks_are_as_full_as_the_limit_allows(rows: Any) -> None:
    whole = len(one_request(rows))
    assert len(list(invocation.chunks(rows, whole))) == 1
    assert len(list(invocation.chunks(rows, whole - 1))) == 2


def test_a_row_that_never_fits_is_named(rows: Any) -> None:
    with pytest.raises(ValueError, match="row 0 alone takes"):
        list(invocation.chunks(rows, 50))


def test_scores_are_parsed_in_order() -> None:
    body = b'{"predictions":[{"score":0.25,"predicted_label":0.0},{"predicted_label":1,"score":1}]}'
    assert invocation.parse_scores(body).tolist() == [0.25, 1]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"predictions":[{"label":1}]}', b"[]"])
def test_another_answer_is_shown(body: bytes) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        invocation.parse_scores(body)


def test_many_rows_are_sent_in_several_requests_and_scored_in_order() -> None:
    rows = sparse.csr_array(np.arange(1, 41, dtype=np.float32).reshape(40, 1))
    bodies: list[bytes] = []

    def send(body: bytes) -> bytes:
        bodies.append(body)
        instances = json.loads(body)["instances"]
        values = [instance["data"]["features"]["values"][0] for instance in instances]
        return json.dumps({"predictions": [{"score": value} for value in values]}).encode()

    scores = invocation.invoke(rows, 500, send)
    assert len(bodies) > 1
    np.testing.assert_array_equal(scores, np.arange(1, 41))
