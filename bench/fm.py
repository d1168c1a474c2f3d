"""Trainers of factorization machines side by side: speed, time to equal quality, and scaling.

`python -m bench.fm [--quick] [--large]`, from the repository's root. Peers run in environments of
their own, build/mxnet-env and build/bench-env, and are left out where those are missing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench import movielens
from data_prep.generate import PlantedFM
from fm.metrics import auc, log_loss

ROOT = Path(__file__).resolve().parent.parent
OURS, BENCH = Path(sys.executable), ROOT / "build/bench-env/bin/python"
MXNET = ROOT / "build/mxnet-env/bin/python"
TARGET = 0.545  # log loss that every tuned library reaches on MovieLens-100K


class Library(NamedTuple):
    """Where it runs, epochs to measure speed over, and epochs to try for quality."""

    python: Path
    epochs: int
    tries: tuple[int, ...] = ()


LIBRARIES = {
    "factorstack": Library(OURS, 10, (4, 5, 6, 8, 10)),
    "factorstack_500": Library(OURS, 10, (2, 3, 4, 5)),
    "mxnet": Library(MXNET, 2, (8, 10, 12, 16, 20)),
    "modern_fm": Library(BENCH, 3, (6, 8, 10, 12, 16)),
    "modern_fm_adam": Library(BENCH, 2, (10, 12, 16, 20)),
    "xlearn": Library(BENCH, 6, (2, 3, 4, 5)),
    "myfm": Library(BENCH, 10, (50, 100, 150, 200)),
    "implicit": Library(BENCH, 15),
}
# single-thread figures measured elsewhere for those that pip no longer installs on Python 3.11
RECORDED = {  # name: (millions of rows a second on MovieLens-100K, k = 64, log loss)
    "libFM 1.4.4 SGD": (0.906, 0.5476),
    "libFM 1.4.4 MCMC": (0.637, 0.5434),
    "fastFM 0.2.11 SGD": (0.504, 0.5689),
    "LightFM 1.17 logistic": (0.809, 0.5464),
}


class Result(NamedTuple):
    """Seconds of fitting, of which computing, and the quality on the test rows (`loss` None: no
    probabilities). On a busy machine one thread's seconds of computing are the fair comparison.
    """

    seconds: float
    computed: float
    loss: float | None
    auc: float


def run(name: str, folder: Path, k: int, epochs: int, threads: int) -> Result | None:
    """Fit and judge a library; None when it is not installed or fails."""
    library = LIBRARIES[name]
    if not library.python.exists():
        return None
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    # OpenBLAS' own threads would compete with implicit's; everybody else has no use for them
    environment = {**os.environ, **limits, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    arguments = [name, str(folder), str(k), str(epochs), str(threads)]
    # -P: this folder's modules are named like the packages they measure
    command = [str(library.python), "-P", "-W", "ignore", str(ROOT / "bench/peers.py"), *arguments]
    done = subprocess.run(  # noqa: S603 - our own file
        command, env=environment, cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        say(f"  {name} failed: {' '.join(reason)}")
        return None
    times = json.loads(done.stdout.splitlines()[-1])
    labels, found = np.load(folder / "data.npz")["test_labels"], np.load(folder / "found.npy")
    probabilities = found.min() >= 0 and found.max() <= 1 and name != "implicit"
    loss = log_loss(labels, found) if probabilities else None
    return Result(times["seconds"], times["computed"], loss, auc(labels, found))


def say(text: str) -> None:
    """A line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def write_data(folder: Path, users: Any, items: Any, labels: Any, sizes: tuple[int, int]) -> int:
    """Split 90/10 at random and write what the libraries read; returns the training rows."""
    order = np.random.default_rng(42).permutation(len(users))
    test, train = order[: len(users) // 10], order[len(users) // 10 :]
    parts = {"users": users, "items": items, "labels": labels}
    np.savez(
        folder / "data.npz",
        sizes=np.array(sizes),
        **{name: part[train] for name, part in parts.items()},
        **{f"test_{name}": part[test] for name, part in parts.items()},
    )
    return len(train)


def write_movielens(folder: Path) -> int:
    """MovieLens-100K; liked is a rating of 4 or 5."""
    found = movielens.ratings()
    labels = (found.ratings >= 4).astype(np.int8)
    return write_data(folder, found.users, found.items, labels, (movielens.USERS, movielens.ITEMS))


def write_planted(folder: Path, rows: int, users: int, items: int) -> int:
    """Rows drawn from a known model."""
    PlantedFM(users=users, items=items, interactions=rows).write(folder / "planted.csv")
    table = np.loadtxt(
        folder / "planted.csv", delimiter=",", skiprows=1, usecols=(0, 1, 2), dtype=np.int64
    )
    (folder / "planted.csv").unlink()
    labels = table[:, 2].astype(np.int8)
    return write_data(folder, table[:, 0] - 1, table[:, 1] - 1, labels, (users, items))


def speed(title: str, folder: Path, rows: int, repeats: int) -> None:
    """Rows a second of every library, best of interleaved repeats."""
    for k in (16, 64):
        for threads in (1, 2):
            say(f"\n{title}, k = {k}, {threads} thread{'s' * (threads > 1)}")
            found: dict[str, list[Result]] = {}
            for name in list(LIBRARIES) * repeats:
                result = run(name, folder, k, LIBRARIES[name].epochs, threads)
                if result is not None:
                    found.setdefault(name, []).append(result)
            rates = {name: _rates(name, rows, results) for name, results in found.items()}
            for name, (rate, computed) in rates.items():
                result = found[name][-1]
                loss = "     -" if result.loss is None else f"{result.loss:.4f}"
                ours = rates["factorstack"]
                say(
                    f"  {name:16} {rate:7.3f} M rows/s, {computed:7.3f} per second of computing;  "
                    f"ours is {ours[0] / rate:6.1f} x, {ours[1] / computed:6.1f} x;  "
                    f"log loss {loss}  AUC {result.auc:.4f}"
                )


def _rates(name: str, rows: int, results: list[Result]) -> tuple[float, float]:
    """Millions of rows a second, and a second of computing, in the best of the runs."""
    total = rows * LIBRARIES[name].epochs / 1e6
    return (
        total / min(result.seconds for result in results),
        total / min(result.computed for result in results),
    )


def quality(folder: Path, repeats: int) -> None:
    """The least time in which every library comes to the target."""
    say(f"\nMovieLens-100K, k = 64, 1 thread: time to a log loss of {TARGET} on the test rows")
    for name, library in LIBRARIES.items():
        found = next(_reaching(name, library, folder), None)
        if found is None:
            continue
        epochs, result = found
        again = [run(name, folder, 64, epochs, 1) for _ in range(repeats - 1)]
        runs = [one for one in (result, *again) if one is not None]
        seconds, computed = min(one.seconds for one in runs), min(one.computed for one in runs)
        say(
            f"  {name:16} {seconds:8.3f} s, {computed:8.3f} s of computing, in {epochs:3} epochs, "
            f"log loss {result.loss:.4f}"
        )


def _reaching(name: str, library: Library, folder: Path) -> Iterator[tuple[int, Result]]:
    for epochs in library.tries:
        result = run(name, folder, 64, epochs, 1)
        if result is not None and result.loss is not None and result.loss <= TARGET:
            yield epochs, result


def scaling(sizes: list[tuple[int, int, int]]) -> None:
    """Time per epoch and non-zero of ours, from small to large data."""
    say("\nours, k = 16, 1 thread: time per epoch over the number of rows")
    for rows, users, items in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            train = write_planted(folder, rows, users, items)
            epochs = max(2, 5_000_000 // rows)
            result = run("factorstack", folder, 16, epochs, 1)
        if result is not None:
            each = result.seconds / epochs
            say(
                f"  {rows:11,} rows: {each:8.3f} s an epoch, {each / train / 2 * 1e9:5.0f} ns a "
                "non-zero (reading and grouping included)"
            )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="MovieLens-100K alone, once")
    parser.add_argument("--large", action="store_true", help="scale up to 25 million rows")
    options = parser.parse_args()
    repeats = 1 if options.quick else 3
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_movielens(folder)
        speed("MovieLens-100K", folder, rows, repeats)
        say("\nrecorded, MovieLens-100K, k = 64, 1 thread")
        for other, (rate, loss) in RECORDED.items():
            say(f"  {other:22} {rate:7.3f} M rows/s   log loss {loss:.4f}")
        quality(folder, repeats)
        if options.quick:
            return
        rows = write_planted(folder, 1_000_000, 6040, 3706)
        speed("a planted million", folder, rows, 1)
    sizes = [(100_000, 1000, 1700), (1_000_000, 6040, 3706)]
    scaling([*sizes, (25_000_000, 162_541, 59_047)] if options.large else sizes)


if __name__ == "__main__":
    main()
