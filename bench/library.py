"""Runs one library's factorization machine in the environment that has it, and judges it.

The environments are build/mxnet-env and build/bench-env; `make bench` sets them up.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pyarrow import csv

from bench import movielens
from data_prep.synthetic import PlantedFM
from fm.metrics import auc, log_loss

ROOT = Path(__file__).resolve().parent.parent
OURS, BENCH = Path(sys.executable), ROOT / "build/bench-env/bin/python"
PYTHONS = {
    "factorstack": OURS,
    "mxnet": ROOT / "build/mxnet-env/bin/python",
    "modern_fm": BENCH,
    "modern_fm_adam": BENCH,
    "xlearn": BENCH,
    "myfm": BENCH,
    "implicit": BENCH,
}


def missing() -> list[str]:
    """The libraries whose environment is not set up."""
    return [name for name, python in PYTHONS.items() if not python.exists()]


class Result(NamedTuple):
    """Seconds of fitting, of which computing, and the quality on the test rows (`loss` None: no
    probabilities). On a busy machine one thread's seconds of computing are the fair comparison.
    """

    seconds: float
    computed: float
    loss: float | None
    auc: float


def run(
    name: str, folder: Path, k: int, epochs: int, threads: int, settings: dict[str, Any]
) -> Result | None:
    """Fit and judge a library; None when it is not installed or fails."""
    python = PYTHONS[name]
    if not python.exists():
        return None
    # OpenBLAS' own threads would compete with implicit's; everybody else has no use for them
    limits = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": "1"}
    environment = {**os.environ, **limits, "PYTHONPATH": str(ROOT)}
    arguments = [name, str(folder), str(k), str(epochs), str(threads), json.dumps(settings)]
    # -P: this folder's modules are named like the packages they measure
    command = [str(python), "-P", "-W", "ignore", str(ROOT / "bench/peers.py"), *arguments]
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


def write_data(
    folder: Path,
    table: tuple[Any, Any, Any],
    sizes: tuple[int, int],
    validation: bool = False,
) -> int:
    """Split users, items and labels 90/10 at random and write what the libraries read.

    For `validation` the training rows are split in the same way and the test rows left out.
    Returns the training rows.
    """
    order = np.random.default_rng(42).permutation(len(table[0]))
    held_out = len(order) // 10
    if validation:
        order = order[held_out:]
    parts = dict(zip(("users", "items", "labels"), table, strict=True))
    np.savez(
        folder / "data.npz",
        sizes=np.array(sizes),
        **{name: part[order[held_out:]] for name, part in parts.items()},
        **{f"test_{name}": part[order[:held_out]] for name, part in parts.items()},
    )
    return len(order) - held_out


def write_movielens(folder: Path, validation: bool = False) -> int:
    """MovieLens-100K; liked is a rating of 4 or 5."""
    found = movielens.ratings()
    labels = (found.ratings >= 4).astype(np.int8)
    sizes = (movielens.USERS, movielens.ITEMS)
    return write_data(folder, (found.users, found.items, labels), sizes, validation)


def write_planted(folder: Path, rows: int, users: int, items: int) -> int:
    """Rows drawn from a known model."""
    PlantedFM(users=users, items=items, interactions=rows).write(folder / "planted.csv")
    table = csv.read_csv(folder / "planted.csv")
    (folder / "planted.csv").unlink()
    columns = [table[name].to_numpy() for name in ("user_id", "item_id", "interaction")]
    found = columns[0] - 1, columns[1] - 1, columns[2].astype(np.int8)
    return write_data(folder, found, (users, items))
