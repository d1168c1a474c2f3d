"""Who asks: the features of the user, known or not, and the items that their list hides."""

from dataclasses import dataclass

import numpy as np

from data_prep.encoder import Encoder
from fm import cold_start
from fm.arrays import CsrRows, Int64s
from tasks.recommending import history
from tasks.recommending.history import History
from tasks.recommending.question import Question

AVERAGE_USER, BY_HISTORY = "average_user", "history"
_NOBODY = ""  # no id is empty


@dataclass(frozen=True, eq=False)
class Asker:
    """The user of a question, as the model sees them.

    Attributes:
        user: their id, or one that no user has.
        row: their features, as wide as the model with the average user, CSR, shape (1, d + 1).
        fallback: what they are answered by when training does not know them; else None.
        history: the items that stand for them; None for a model without histories.
        had: the items that they had in training or gave, which their list hides, int64, (items,).
    """

    user: str
    row: CsrRows
    fallback: str | None
    history: History | None
    had: Int64s


class Askers:
    """Tells who asks a question, by what training knows."""

    def __init__(self, encoder: Encoder) -> None:
        """Take the encoder of the run which trained the model."""
        self._encoder = encoder
        self._known = set(encoder.user_ids)

    def of_question(self, question: Question) -> Asker:
        """Return who asks.

        Someone of whom nothing is known is the average user: a stranger who gives no items that
        training knows, and anybody whose history is replaced by such.

        Raises:
            InvalidQuestionError: items are given to a model that knows no histories.
        """
        user = _NOBODY if question.user is None else question.user
        stands = history.of_question(question, self._encoder)
        known, has_history = user in self._known, stands is not None and len(stands.items) > 0
        if has_history or (known and question.history is None):
            histories = None if stands is None else [stands.items]
            row = cold_start.widened(self._encoder.encode_users([user], histories))
            fallback = None if known else BY_HISTORY
        else:
            row, fallback = cold_start.average_row(self._encoder.feature_dim), AVERAGE_USER
        given = np.empty(0, np.int64) if stands is None else stands.given
        had = np.concatenate([self._encoder.seen_items(user), given])
        return Asker(user, row, fallback, stands, had)

    def without_own(self, asker: Asker, items: Int64s) -> CsrRows:
        """Return the asker's features for items of their history, shape (items, d + 1).

        Each item is left out of its own row: so training saw those who are positive about it.

        Raises:
            ValueError: there is no history.
        """
        if asker.history is None:
            raise ValueError("the model has no histories")
        everything = asker.history.items
        histories = [everything[everything != item] for item in items]
        rows = self._encoder.encode_users([asker.user] * len(histories), histories)
        return cold_start.widened(rows)
