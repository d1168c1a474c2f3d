"""Real servers, over real HTTP, and requests, for the tests of the server."""

import http.client
import io
import json
import os
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
from fm import artifact, invocation
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


def one(**features: Any) -> bytes:
    sound = {"keys": [1], "shape": [D], "values": [1.0]}
    return json.dumps({"instances": [{"data": {"features": {**sound, **features}}}]}).encode()
