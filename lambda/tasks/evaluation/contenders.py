"""Models that compete on a run's rows: the new one, biases alone, and the one that is live."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fm import scoring
from fm.arrays import CsrRows, Float32s
from fm.model import Model

_ROWS = 1 << 17  # that are translated at once


def _unchanged(rows: CsrRows) -> CsrRows:
    return rows


@dataclass(frozen=True)
class Contender:
    """A model, and how this run's feature rows become rows in the columns of that model."""

    model: Model
    translate: Callable[[CsrRows], CsrRows] = _unchanged

    def scores(self, rows: CsrRows) -> Float32s:
        """Return what the model's endpoint answers to rows of this run, shape (n,)."""
        blocks = [rows[at : at + _ROWS] for at in range(0, max(1, rows.shape[0]), _ROWS)]
        return np.concatenate(
            [scoring.scores(self.model, self.translate(block)) for block in blocks]
        )


@dataclass(frozen=True)
class Live:
    """What is live at the moment, if anything is.

    Attributes:
        contender: the live model; None when nothing is live, or it cannot be compared.
        why_not: why the model that is live is not compared; None when it is, or nothing is live.
    """

    contender: Contender | None = None
    why_not: str | None = None
