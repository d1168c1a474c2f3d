"""Every documented format of a request is understood, and every other one refused."""

import http.client
import json
import random
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from fm import invocation, scoring
from tests.unit.local.fm_container.inference.conftest import (
    JSON,
    LINES,
    RECORDIO,
    D,
    Server,
    bodies,
    model_of,
    one,
    request_of,
)

SOME = sparse.random_array((7, D), density=0.3, rng=np.random.default_rng(2), dtype=np.float32)


@pytest.mark.parametrize("kind", ["binary_classifier", "regressor"])
@pytest.mark.parametrize("form", list(bodies(SOME.tocsr())))
def test_every_form_of_request_gets_the_model_s_scores(
    servers: dict[str, Server], rows: Any, form: str, kind: str
) -> None:
    body, content_type = bodies(rows)[form]
    answer = servers[kind].invoke(body, content_type, accept=JSON)
    assert answer.status == 200
    expected = scoring.scores(model_of(kind), rows)
    assert np.allclose(invocation.parse_scores(answer.body), expected, atol=1e-6)


def test_our_own_requests_are_understood(binary: Server, rows: Any) -> None:
    answer = binary.invoke(request_of(rows))
    expected = scoring.scores(model_of("binary_classifier"), rows)
    assert np.allclose(invocation.parse_scores(answer.body), expected, atol=1e-6)


def test_no_content_type_is_json(binary: Server, rows: Any) -> None:
    assert binary.ask("POST", "/invocations", request_of(rows)).status == 200


def test_parameters_of_the_content_type_are_ignored(binary: Server, rows: Any) -> None:
    assert binary.invoke(request_of(rows), "application/json; charset=utf-8").status == 200


@pytest.mark.parametrize("content_type", ["text/csv", "application/octet-stream"])
def test_another_content_type_is_415(binary: Server, content_type: str) -> None:
    answer = binary.invoke(b"1,2,3", content_type)
    assert answer.status == 415
    assert answer.body.decode() == (
        f"Customer Error: Content-Type header value '{content_type}' not supported "
        "(caused by KeyError)"
    )


BAD = {
    "not JSON": b"{",
    "not an object": b"[]",
    "no instances": b"{}",
    "empty instances": b'{"instances":[]}',
    "instances no list": b'{"instances":{}}',
    "instance no object": b'{"instances":[3]}',
    "instance empty": b'{"instances":[{}]}',
    "features null": b'{"instances":[{"features":null}]}',
    "text": b'{"instances":[{"features":"abc"}]}',
    "width": b'{"instances":[{"features":[1,2,3]}]}',
    "nested": json.dumps({"instances": [{"features": [[1]] * D}]}).encode(),
    "shape": one(shape=[D + 1]),
    "no shape": one(shape=None),
    "key too large": one(keys=[D]),
    "key negative": one(keys=[-1]),
    "key huge": one(keys=[2**70]),
    "key fraction": one(keys=[0.5]),
    "key text": one(keys=["1"]),
    "fewer values": one(keys=[1, 2]),
    "value null": one(values=[None]),
    "value text": one(values=["1"]),
    "value true": one(values=[True]),
    "value too large": one(values=[1e300]),
    "values no list": one(values=3),
}


@pytest.mark.parametrize("kind", list(BAD))
def test_a_bad_payload_is_400(binary: Server, kind: str) -> None:
    answer = binary.invoke(BAD[kind])
    assert answer.status == 400
    assert answer.body.startswith(b"unable to evaluate payload provided")


def test_the_good_one_among_the_bad_ones_is_answered(binary: Server) -> None:
    assert binary.invoke(one()).status == 200


def test_a_wrong_width_is_told_with_both_widths(binary: Server) -> None:
    assert (
        b"The feature dimension of the input: 3 does not match the feature dimension of the "
        b"model: 30. Please fix the input and try again."
    ) in binary.invoke(BAD["width"]).body


def test_an_empty_row_scores_the_bias(servers: dict[str, Server]) -> None:
    answer = servers["regressor"].invoke(one(keys=[], values=[]), accept=JSON)
    assert invocation.parse_scores(answer.body) == pytest.approx([0.1])


def mutated(body: bytes, rng: random.Random) -> bytes:
    """The body with a few bytes changed, cut out or doubled."""
    changed = bytearray(body)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed))
        action = rng.randrange(4)
        if action == 0:
            changed[at] = rng.randrange(256)
        elif action == 1:
            changed[at] ^= 1 << rng.randrange(8)
        elif action == 2:
            del changed[at : at + rng.randint(1, 9)]
        else:
            changed[at:at] = changed[at : at + rng.randint(1, 9)]
        changed = changed or bytearray(b" ")
    return bytes(changed)


def test_ten_thousand_mutated_requests_never_kill_the_server(binary: Server, rows: Any) -> None:
    rng = random.Random(3)
    sound = list(bodies(rows[:2]).values())
    connection = http.client.HTTPConnection("127.0.0.1", binary.port, timeout=20)
    statuses: dict[int, int] = {}
    for _ in range(10_000):
        body, content_type = rng.choice(sound)
        accept = rng.choice([JSON, LINES, RECORDIO])
        headers = {"content-type": content_type, "accept": accept}
        connection.request("POST", "/invocations", mutated(body, rng), headers)
        response = connection.getresponse()
        response.read()
        statuses[response.status] = statuses.get(response.status, 0) + 1
    assert set(statuses) == {200, 400}
    assert statuses[400] > 1000
    assert binary.process.poll() is None
    assert binary.invoke(one()).status == 200
