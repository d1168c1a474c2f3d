"""The server's processes: started, replaced and stopped."""

import http.client
import os
import signal
import time
from pathlib import Path

import pytest

from fm import artifact
from tests.unit.local.fm_container.inference.conftest import (
    model_of,
    one,
    serving,
)


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
