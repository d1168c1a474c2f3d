"""MovieLens-100K as a Python package carries it: fetched, never kept."""

import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fm.arrays import Bools, Float32s, Int64s

_PACKAGE = "recbole==1.2.1"
_MEMBER = "recbole/dataset_example/ml-100k/ml-100k.inter"
USERS, ITEMS = 943, 1682
_HELD_OUT = 10


class Ratings(NamedTuple):
    """The ratings in the order of GroupLens' u.data, all of shape (100000,).

    Attributes:
        users: From 0.
        items: From 0.
        ratings: From 1 to 5.
        times: In seconds since 1970.
    """

    users: Int64s
    items: Int64s
    ratings: Float32s
    times: Int64s


@cache
def ratings() -> Ratings:
    """Download the package that holds the ratings, and read them; once in a process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps"]
        subprocess.run(  # noqa: S603 - a fixed command
            [*command, "--dest", folder, _PACKAGE], check=True
        )
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            lines = wheel.read(_MEMBER).decode().splitlines()[1:]
    table = np.array([line.split("\t") for line in lines], float)
    users, items = table[:, :2].astype(np.int64).T - 1
    return Ratings(users, items, table[:, 2].astype(np.float32), table[:, 3].astype(np.int64))


def ua_split(users: Int64s) -> Bools:
    """Return which ratings are in `ua.test`: each user's first ten, as in GroupLens' mku.sh.

    Args:
        users: The ratings' users, shape (n,).

    Returns:
        Whether each rating is for testing, shape (n,).
    """
    seen = np.zeros(USERS, np.int64)
    held_out = np.zeros(len(users), bool)
    for row, user in enumerate(users):
        seen[user] += 1
        held_out[row] = seen[user] <= _HELD_OUT
    return held_out
