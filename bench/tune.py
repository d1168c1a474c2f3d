"""Chooses each library's settings for `bench.trainers`, on a validation part of MovieLens-100K.

`python -m bench.tune [LIBRARY ...]`, from the repository's root. A tenth of the training rows is
kept out to judge by; the test rows are not looked at. Chosen is the setting and number of epochs
that comes to the target in the least time of computing; the line to put into
`bench/library_settings.py` is printed.
"""

import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from bench.library import run, say, write_movielens
from bench.library_settings import DRAWS, EPOCHS, GRIDS, TARGET

FACTORS = 64


class Trial(NamedTuple):
    """A library's settings, after how many epochs they were judged, and the finding."""

    settings: dict[str, Any]
    epochs: int
    loss: float
    computed: float

    @property
    def badness(self) -> tuple[float, float]:
        """What to have the least of: first the loss that lacks to the target, then the time."""
        return max(0.0, self.loss - TARGET), self.computed


def trials(name: str, folder: Path) -> Iterator[Trial]:
    """Every point of the library's grid, up to the epochs in which it comes to the target."""
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
