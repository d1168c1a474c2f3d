"""Runs one library's factorization machine in the environment that has it, and judges it.

The environments are build/mxnet-env and build/bench-env; `make bench` sets them up.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pyarrow import csv

from bench import movielens
from bench.library_settings import Settings
from data_prep.synthetic import PlantedFM
from fm.arrays import Integers
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
    """Return the libraries whose environment is not set up."""
    return [name for name, python in PYTHONS.items() if not python.exists()]


class Result(NamedTuple):
    """How fast a library fits, and how good the result is.

    Attributes:
        seconds: Of fitting.
        computed: Seconds of computing; on a busy machine, one thread's are the fair comparison.
        loss: Log loss on the test rows; None of a library whose scores are no probabilities.
        auc: On the test rows.
    """

    seconds: float
    computed: float
    loss: float | None
    auc: float


def run(
    name: str, folder: Path, k: int, epochs: int, threads: int, settings: Settings
) -> Result | None:
    """Fit and judge a library; return None when it is not installed or fails."""
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
    labels = np.load(folder / "data.npz")["test_labels"]
    scores = np.load(folder / "probabilities.npy")
    are_probabilities = scores.min() >= 0 and scores.max() <= 1 and name != "implicit"
    loss = log_loss(labels, scores) if are_probabilities else None
    return Result(times["seconds"], times["computed"], loss, auc(labels, scores))


def say(text: str) -> None:
    """Write a line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def write_data(
    folder: Path,
    table: tuple[Integers, Integers, Integers],
    sizes: tuple[int, int],
    validation: bool = False,
) -> int:
    """Split a table 90/10 at random and write what the libraries read.

    Args:
        folder: Where to write `data.npz`.
        table: Users, items (both from 0) and labels (0 or 1), of one length.
        sizes: How many users and items there are.
        validation: Leave the test rows out, and split the training rows in the same way.

    Returns:
        The number of training rows.
    """
    order = np.random.default_rng(42).permutation(len(table[0]))
    held_out = len(order) // 10
    if validation:
        order = order[held_out:]
    users, items, labels = table
    train, test = order[held_out:], order[:held_out]
    np.savez(
        folder / "data.npz",
        sizes=np.array(sizes),
        users=users[train],
        items=items[train],
        labels=labels[train],
        test_users=users[test],
        test_items=items[test],
        test_labels=labels[test],
    )
    return len(train)


def write_movielens(folder: Path, validation: bool = False) -> int:
    """Write MovieLens-100K, where a rating of 4 or 5 is a like; return the training rows."""
    ratings = movielens.ratings()
    labels = (ratings.ratings >= 4).astype(np.int8)
    sizes = (movielens.USERS, movielens.ITEMS)
    return write_data(folder, (ratings.users, ratings.items, labels), sizes, validation)


def write_planted(folder: Path, rows: int, users: int, items: int) -> int:
    """Write rows drawn from a known model; return the training rows."""
    PlantedFM(users=users, items=items, interactions=rows).write(folder / "planted.csv")
    table = csv.read_csv(folder / "planted.csv")
    (folder / "planted.csv").unlink()
    columns = [table[name].to_numpy() for name in ("user_id", "item_id", "interaction")]
    users_items_labels = (columns[0] - 1, columns[1] - 1, columns[2].astype(np.int8))
    return write_data(folder, users_items_labels, (users, items))
