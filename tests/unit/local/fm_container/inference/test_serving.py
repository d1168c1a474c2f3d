"""The hosting contract, over real HTTP against the real server."""

import http.client
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import sparse

from data_prep import recordio
from fm import artifact, invocation, scoring
from fm.model import Model

D = 30
JSON, LINES = "application/json", "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"
ROOT = Path(__file__).parents[5]


class Answer(NamedTuple):
    status: int
    body: bytes
    content_type: str | None


class Server(NamedTuple):
    port: int
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        answer = Answer(response.status, response.read(), response.headers["content-type"])
        connection.close()
        return answer

    def invoke(self, body: bytes, content_type: str = JSON, **headers: str) -> Answer:
        return self.ask("POST", "/invocations", body, content_type=content_type, **headers)


def model_of(predictor_type: str) -> Model:
    rng = np.random.default_rng(1)
    linear = rng.normal(size=D).astype(np.float32)
    return Model(0.1, linear, rng.normal(size=(D, 4)).astype(np.float32), predictor_type)


@contextmanager
def serving(root: Path, **environment: str) -> Iterator[Server]:
    """The server in a process of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "local.fm_container",
        "serve",
        "--root",
        str(root),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    server = Server(port, process)
    try:
        for _ in range(300):
            try:
                server.ask("GET", "/ping")
                break
            except OSError:
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    roots = {kind: tmp_path_factory.mktemp(kind) for kind in ("binary_classifier", "regressor")}
    for kind, root in roots.items():
        (root / "model").mkdir()
        artifact.write_model_file(root / "model" / "model_algo-1", model_of(kind))
    with (
        serving(roots["binary_classifier"], NUM_WORKERS="1") as binary,
        serving(
            roots["regressor"], NUM_WORKERS="2", SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT=LINES
        ) as regressor,
    ):
        yield {"binary_classifier": binary, "regressor": regressor}


@pytest.fixture
def binary(servers: dict[str, Server]) -> Server:
    return servers["binary_classifier"]


@pytest.fixture
def rows() -> Any:
    rng = np.random.default_rng(2)
    return sparse.random_array((7, D), density=0.3, rng=rng, dtype=np.float32).tocsr()


def request_of(rows: Any) -> bytes:
    """The rows as one request."""
    (body,) = invocation.chunks(rows, 1 << 30)
    return body


def sparse_instance(row: Any) -> dict[str, Any]:
    keys = np.flatnonzero(row)
    return {
        "data": {"features": {"keys": keys.tolist(), "shape": [D], "values": row[keys].tolist()}}
    }


FORMS = {
    "dense": lambda row: {"features": row.tolist()},
    "dense data": lambda row: {"data": {"features": {"values": row.tolist()}}},
    "sparse": sparse_instance,
}


def bodies(rows: Any) -> dict[str, tuple[bytes, str]]:
    """The rows in every documented form of request."""
    dense = np.asarray(rows.todense())
    found = {}
    for name, form in FORMS.items():
        instances = [form(row) for row in dense]
        found[f"JSON, {name}"] = (json.dumps({"instances": instances}).encode(), JSON)
        lines = "\n".join(map(json.dumps, instances))
        found[f"JSON Lines, {name}"] = (lines.encode(), LINES)
    mixed = [form(row) for form, row in zip([*FORMS.values()] * 3, dense, strict=False)]
    found["JSON Lines, mixed"] = ("\n".join(map(json.dumps, mixed)).encode() + b"\n", LINES)
    for name, matrix in (("sparse", rows), ("dense", dense)):
        file = io.BytesIO()
        recordio.write(file, matrix)
        found[f"RecordIO, {name}"] = (file.getvalue(), RECORDIO)
    return found


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


def test_a_classifier_s_labels_are_floats(binary: Server, rows: Any) -> None:
    predictions = json.loads(binary.invoke(request_of(rows)).body)["predictions"]
    assert [set(one) for one in predictions] == [{"score", "predicted_label"}] * 7
    for one in predictions:
        assert isinstance(one["predicted_label"], float)
        assert one["predicted_label"] == (one["score"] >= 0.5)


def test_a_regressor_answers_scores_alone(servers: dict[str, Server], rows: Any) -> None:
    answer = servers["regressor"].invoke(request_of(rows), accept=JSON)
    assert {name for one in json.loads(answer.body)["predictions"] for name in one} == {"score"}


def test_json_lines_on_request(binary: Server, rows: Any) -> None:
    answer = binary.invoke(request_of(rows), accept=LINES)
    assert answer.content_type == LINES
    lines = [json.loads(line) for line in answer.body.splitlines()]
    found = np.array([line["score"] for line in lines])
    assert np.allclose(found, scoring.scores(model_of("binary_classifier"), rows), atol=1e-6)


def parse_labels(body: bytes) -> list[dict[str, float]]:
    """The label maps of a RecordIO response, parsed field by field."""
    found, at = [], 0
    while at < len(body):
        assert body[at : at + 4] == bytes.fromhex("0a23d7ce")
        size = int.from_bytes(body[at + 4 : at + 8], "little")
        payload, entries = body[at + 8 : at + 8 + size], {}
        while payload:
            assert payload[0] == 0x12  # an entry of the label map
            entry, payload = payload[2 : 2 + payload[1]], payload[2 + payload[1] :]
            name = entry[2 : 2 + entry[1]]
            assert entry[2 + entry[1] : -4] == bytes.fromhex("120812060a04")
            entries[name.decode()] = float(np.frombuffer(entry[-4:], "<f4")[0])
        found.append(entries)
        at += 8 + size + -size % 4
    return found


@pytest.mark.parametrize("kind", ["binary_classifier", "regressor"])
def test_recordio_on_request(servers: dict[str, Server], rows: Any, kind: str) -> None:
    answer = servers[kind].invoke(request_of(rows), accept=RECORDIO)
    labels = parse_labels(answer.body)
    expected = scoring.scores(model_of(kind), rows)
    assert np.allclose([one["score"] for one in labels], expected, atol=1e-6)
    if kind == "binary_classifier":
        assert [one["predicted_label"] for one in labels] == (expected >= 0.5).tolist()
    else:
        assert {name for one in labels for name in one} == {"score"}


@pytest.mark.parametrize(
    ("accept", "sent", "answered"),
    [
        ("*/*", JSON, JSON),
        ("", LINES, LINES),
        ("", RECORDIO, LINES),
        ("  ", RECORDIO, LINES),
        ("application/*", LINES, LINES),
        ("text/plain, application/jsonlines;q=0.5", JSON, LINES),
        ("application/json;q=0.1, application/jsonlines", JSON, LINES),
        ("application/jsonlines;q=0, */*;q=0.1", JSON, JSON),
        ("Application/JsonLines; charset=utf-8; Q=0.5, text/csv", JSON, LINES),
    ],
)
def test_what_is_answered_to_an_accept(
    binary: Server, rows: Any, accept: str, sent: str, answered: str
) -> None:
    body = next(body for body, content_type in bodies(rows).values() if content_type == sent)
    assert binary.invoke(body, sent, accept=accept).content_type == answered


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0", "json"])
def test_an_accept_that_cannot_be_met(binary: Server, rows: Any, accept: str) -> None:
    answer = binary.invoke(request_of(rows), accept=accept)
    assert answer.status == 406
    assert accept in answer.body.decode()


def test_the_default_of_accept_is_the_environment_s(servers: dict[str, Server], rows: Any) -> None:
    regressor, body = servers["regressor"], request_of(rows)
    assert regressor.ask("POST", "/invocations", body).content_type == LINES
    assert regressor.invoke(body, accept="*/*").content_type == LINES
    assert regressor.invoke(body, accept=JSON).content_type == JSON


def test_an_accept_may_be_sent_in_several_lines(binary: Server, rows: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", binary.port, timeout=20)
    body = request_of(rows)
    connection.putrequest("POST", "/invocations")
    for name, value in (("Accept", LINES), ("Accept", "text/csv"), ("Content-Length", len(body))):
        connection.putheader(name, str(value))
    connection.endheaders(body)
    assert connection.getresponse().headers["content-type"] == LINES
    connection.close()


def test_ping_and_execution_parameters(servers: dict[str, Server]) -> None:
    assert servers["regressor"].ask("GET", "/ping")[:2] == (200, b"")
    answer = servers["regressor"].ask("GET", "/execution-parameters")
    assert json.loads(answer.body) == {
        "MaxConcurrentTransforms": 2,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


def test_an_empty_body_is_204(binary: Server) -> None:
    assert binary.invoke(b"") == (204, b"", None)


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


def test_a_body_above_the_limit_is_413(binary: Server) -> None:
    assert binary.invoke(b" " * ((6 << 20) + 1)).status == 413


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/ping", 405), ("/invocations", 405)])
def test_other_routes_and_methods(binary: Server, path: str, status: int) -> None:
    assert binary.ask("DELETE", path).status == status


def one(**features: Any) -> bytes:
    sound = {"keys": [1], "shape": [D], "values": [1.0]}
    return json.dumps({"instances": [{"data": {"features": {**sound, **features}}}]}).encode()


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


def test_a_stopped_server_ends_with_success_and_leaves_no_worker(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    artifact.write_model_file(tmp_path / "model" / "model_algo-1", model_of("regressor"))
    with serving(tmp_path, NUM_WORKERS="2") as server:
        assert server.invoke(one()).status == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        with pytest.raises(OSError, match="refused"):
            server.invoke(one())


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stopping_server_answers_the_request_under_way(tmp_path: Path, workers: str) -> None:
    (tmp_path / "model").mkdir()
    artifact.write_model_file(tmp_path / "model" / "model_algo-1", model_of("regressor"))
    with serving(tmp_path, NUM_WORKERS=workers) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.putrequest("POST", "/invocations")
        connection.putheader("Content-Length", str(len(one())))
        connection.endheaders(one()[:9])
        time.sleep(0.3)  # so that a worker has it
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.send(one()[9:])
        assert connection.getresponse().status == 200
        assert server.process.wait(20) == 0


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    artifact.write_model_file(tmp_path / "model" / "model_algo-1", model_of("regressor"))
    with serving(tmp_path, NUM_WORKERS="2") as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        if not children.exists():
            pytest.skip("this system does not list a process's children")
        before = set(children.read_text().split())
        os.kill(int(min(before)), signal.SIGKILL)
        for _ in range(100):
            after = set(children.read_text().split())
            if len(after) == 2 and after != before:
                break
            time.sleep(0.1)
        assert len(after) == 2
        assert after != before
        assert server.invoke(one()).status == 200


@pytest.mark.parametrize("content", [None, b"not a model"])
def test_a_model_that_cannot_be_loaded_is_500(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model_algo-1").write_bytes(content)
    with serving(tmp_path, NUM_WORKERS="1") as server:
        assert server.ask("GET", "/ping")[:2] == (500, b"unable to load model")
        assert server.invoke(one()).status == 500
