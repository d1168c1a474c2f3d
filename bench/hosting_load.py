"""The FM server under load by wrk: latency and throughput over loopback HTTP.

`python -m bench.hosting_load`, from the repository's root; wrk is Debian's package of that name.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from scipy import sparse

from fm import BINARY, Model, artifact, invocation

ROOT = Path(__file__).resolve().parent.parent
FEATURES, FACTORS, SECONDS = 221_588, 64, 5
BODY_LIMIT = 6 << 20  # as the server has it
CASES = (  # rows of a request, connections, workers, and the goal
    (1, 1, 1, "p50 < 0.3 ms, p99 < 1 ms"),
    (1000, 1, 1, "p50 < 3 ms, p99 < 5 ms"),
    (1, 8, 1, "5,000 requests/s"),
    (1000, 8, 1, ""),
    (1, 8, 2, ""),
    (1000, 8, 2, ""),
)


def write_model(root: Path) -> None:
    """Write a model of the size of MovieLens-25M, filled with random numbers."""
    rng = np.random.default_rng(1)
    linear = rng.normal(size=FEATURES).astype(np.float32)
    factors = rng.normal(0, 0.1, (FEATURES, FACTORS)).astype(np.float32)
    (root / "model").mkdir()
    model = Model(0.1, linear, factors, BINARY)
    artifact.write_model_file(root / "model" / artifact.MODEL_FILE, model)


def write_request(root: Path, rows: int) -> Path:
    """Write a wrk script that posts `rows` rows of a user and an item each; return its path."""
    rng = np.random.default_rng(2)
    users, items = rng.integers(0, 162_541, rows), rng.integers(162_541, FEATURES, rows)
    columns = np.stack([users, items], 1).ravel()
    entries = (np.ones(2 * rows, np.float32), columns, np.arange(0, 2 * rows + 1, 2))
    features = sparse.csr_array(entries, shape=(rows, FEATURES))
    (body,) = invocation.chunks(features, BODY_LIMIT)
    script = root / f"{rows}.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.path = "/invocations"\n'
        f'wrk.headers["Content-Type"] = "application/json"\nwrk.body = [[{body.decode()}]]\n'
        "function done(summary, latency)\n"
        '  io.write(string.format("p50=%d p99=%d requests=%d duration=%d errors=%d\\n",'
        "    latency:percentile(50), latency:percentile(99), summary.requests,"
        "    summary.duration, summary.errors.status))\nend\n"
    )
    return script


@contextmanager
def serving(root: Path, workers: int) -> Iterator[str]:
    """Serve the model in `root`, and give the server's address."""
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
    environment = {**os.environ, "NUM_WORKERS": str(workers)}
    process = subprocess.Popen(  # noqa: S603 - our own server
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/ping").close()  # noqa: S310 - loopback
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def measure(wrk: str, address: str, script: Path, connections: int, seconds: int) -> str:
    """Return a line with the latencies and the rate that wrk measured."""
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    measured = {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", done.stdout)}
    rate = measured["requests"] / measured["duration"] * 1e6
    return (
        f"p50 {measured['p50'] / 1000:7.2f} ms   p99 {measured['p99'] / 1000:7.2f} ms   "
        f"{rate:8.0f} requests/s   {measured['errors']} errors"
    )


def main() -> int:
    """Run the benchmark and return the exit code."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.stderr.write(
            "wrk, which puts the load on the server, is not installed: install it, e.g. by "
            "`apt-get install wrk`, and run `python -m bench.hosting_load`\n"
        )
        return 1
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_model(root)
        for rows, connections, workers, goal in CASES:
            script = write_request(root, rows)
            with serving(root, workers) as address:
                measure(wrk, address, script, connections, 1)  # warm up
                line = measure(wrk, address, script, connections, SECONDS)
            sys.stdout.write(
                f"{rows:5} rows, {connections} connections, {workers} workers:  {line}"
                f"{'   goal: ' * bool(goal)}{goal}\n"
            )
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
