"""What `bench.peers` asks of each library, in whichever environment it runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from scipy import sparse

    from bench.library_settings import Settings
    from fm.arrays import AnyArray, Float64s, Floats


class Task(NamedTuple):
    """What a library is to fit.

    Attributes:
        data: The arrays of FOLDER/data.npz.
        folder: FOLDER, for files of the library's own.
        k: Factors.
        epochs: Passes over the training rows.
        threads: Threads that the library may use.
        settings: The library's settings; what is not among them is at our default.
    """

    data: dict[str, AnyArray]
    folder: Path
    k: int
    epochs: int
    threads: int
    settings: Settings

    def rows(self, prefix: str = "") -> sparse.csr_matrix[np.float32]:
        """Return rows with two ones each: the user's column and the item's."""
        from scipy import sparse

        users, items = self.data[prefix + "users"], self.data[prefix + "items"]
        n, (user_count, item_count) = len(users), self.data["sizes"]
        columns = np.stack([users, user_count + items], 1).ravel()
        entries = (np.ones(2 * n, np.float32), columns, np.arange(0, 2 * n + 1, 2))
        return sparse.csr_matrix(entries, shape=(n, user_count + item_count))


class Fit(NamedTuple):
    """The seconds of fitting, as `clock` counts them, and the test rows' probabilities."""

    seconds: Float64s
    probabilities: Floats


def clock() -> Float64s:
    """Return the time and this process' seconds of computing: they differ on a busy machine."""
    return np.array([time.perf_counter(), time.process_time()])
