"""What every training engine does."""

from collections.abc import Callable
from typing import Protocol

from fm.arrays import Float32s
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.state import State

Run = Callable[[], Float32s]  # updates by each batch; raw scores of all rows, pads too, (rows,)


class Engine(Protocol):
    """Runs mini-batches through a state.

    Attributes:
        state: The model in training.
    """

    state: State

    def prepare(self, batches: Batches) -> Run:
        """Return what runs the batches, in any number of epochs.

        Each call of the result updates the state by each batch, and returns the score of every row
        as it was before its own batch's update.
        """
