"""Chooses each library's settings for `bench.trainers`, on a validation part of MovieLens-100K.

`python -m bench.tune [LIBRARY ...]`, from the repository's root. A tenth of the training rows is
kept out to judge by; the test rows are not looked at. The settings and number of epochs that reach
the target in the least time of computing are printed as the line to put into
`bench/library_settings.py`.
"""

import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from bench.library import run, say, write_movielens
from bench.library_settings import DRAWS, EPOCHS, GRIDS, TARGET

FACTORS = 64


class Trial(NamedTuple):
    """A library's settings, judged after some epochs.

    Attributes:
        settings: Name -> value.
        epochs: How many.
        loss: Log loss on the validation rows.
        computed: Seconds of computing.
    """

    settings: dict[str, float]
    epochs: int
    loss: float
    computed: float

    @property
    def badness(self) -> tuple[float, float]:
        """How far the loss is above the target, then the time: the least is best."""
        return max(0.0, self.loss - TARGET), self.computed


def trials(name: str, folder: Path) -> Iterator[Trial]:
    """Try every point of a library's grid, with more epochs until it reaches the target."""
    grid = GRIDS[name]
    for point in product(*grid.values()):
        settings = dict(zip(grid, point, strict=True))
        for epochs in DRAWS if name == "myfm" else EPOCHS:
            result = run(name, folder, FACTORS, epochs, 1, settings)
            if result is None or result.loss is None:
                return
            say(f"  {name} {settings} {epochs} epochs: {result.loss:.4f}, {result.computed:.3f} s")
            yield Trial(settings, epochs, result.loss, result.computed)
            if result.loss <= TARGET:
                break


def main(names: list[str]) -> None:
    """Tune the libraries."""
    with tempfile.TemporaryDirectory() as folder:
        write_movielens(Path(folder), validation=True)
        for name in names or GRIDS:
            best = min(trials(name, Path(folder)), key=lambda one: one.badness, default=None)
            if best is not None:
                say(f'    "{name}": ({best.settings}, {best.epochs}),')


if __name__ == "__main__":
    main(sys.argv[1:])
