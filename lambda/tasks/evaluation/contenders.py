"""Models that compete on a run's rows: the new one, biases alone, and the one that is live."""

from collections.abc import Callable
from dataclasses import dataclass

from fm.arrays import CsrRows
from fm.model import Model


def _unchanged(rows: CsrRows) -> CsrRows:
    return rows


@dataclass(frozen=True)
class Contender:
    """A model, and how this run's feature rows become rows in the columns of that model."""

    model: Model
    translate: Callable[[CsrRows], CsrRows] = _unchanged


@dataclass(frozen=True)
class Live:
    """What is live at the moment, if anything is.

    Attributes:
        contender: the live model; None when nothing is live, or it cannot be compared.
        why_not: why the model that is live is not compared; None when it is, or nothing is live.
    """

    contender: Contender | None = None
    why_not: str | None = None
