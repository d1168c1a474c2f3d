"""The routes of the server, and what is answered without evaluating a payload."""

import json
from pathlib import Path

import pytest

from tests.unit.local.fm_container.inference.conftest import (
    Server,
    one,
    serving,
)


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


def test_a_body_above_the_limit_is_413(binary: Server) -> None:
    assert binary.invoke(b" " * ((6 << 20) + 1)).status == 413


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/ping", 405), ("/invocations", 405)])
def test_other_routes_and_methods(binary: Server, path: str, status: int) -> None:
    assert binary.ask("DELETE", path).status == status


@pytest.mark.parametrize("content", [None, b"not a model"])
def test_a_model_that_cannot_be_loaded_is_500(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model_algo-1").write_bytes(content)
    with serving(tmp_path, NUM_WORKERS="1") as server:
        assert server.ask("GET", "/ping")[:2] == (500, b"unable to load model")
        assert server.invoke(one()).status == 500
