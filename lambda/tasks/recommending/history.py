"""What stands for the user of a question: the items that training knows of them, and given ones."""

from dataclasses import dataclass

import numpy as np

from data_prep.encoder import Encoder
from fm.arrays import Int64s
from tasks.recommending.question import HistoryUse, InvalidQuestionError, Question


@dataclass(frozen=True, eq=False)
class History:
    """The items that stand for a user, by their index among the encoder's ids.

    Attributes:
        items: oldest first, each once, int64, shape (items,).
        used: the newest of them, at which the model looks, shape (used,).
        given: the known ones of those that the question gives.
        use: how many count, of the given ones and those that training knows of the user.
    """

    items: Int64s
    used: Int64s
    given: Int64s
    use: HistoryUse


def of_question(question: Question, encoder: Encoder) -> History | None:
    """Return the history of the question's user; None for a model without histories.

    `history` takes the place of what training knows of the user, and `recent` comes after it. Of
    an item that is named twice the last place counts.

    Raises:
        InvalidQuestionError: items are given to a model that knows no histories.
    """
    most = encoder.most_history
    if most is None:
        _refuse_given(question)
        return None
    known = np.empty(0, np.int64)
    if question.history is None and question.user is not None:
        known = encoder.history(question.user)
    given = encoder.item_indices([*(question.history or ()), *question.recent])
    unknown = given < 0
    items = np.concatenate([known, given[~unknown]])
    each_once = _last_places(items)
    used = each_once[-most:]
    use: HistoryUse = {
        "used": len(used),
        "unknown": int(unknown.sum()),
        "doubled": len(items) - len(each_once),
        "older": len(each_once) - len(used),
    }
    return History(each_once, used, given[~unknown], use)


def _refuse_given(question: Question) -> None:
    items = {"history": question.history, "recent": question.recent or None}
    given = [name for name, ids in items.items() if ids is not None]
    if given:
        raise InvalidQuestionError(
            f"{', '.join(given)}: the live model knows its users by name and cannot look at a "
            "history: name a user alone, or train a model with purpose ranking"
        )


def _last_places(items: Int64s) -> Int64s:
    """Return each of the items once, in the order of their last places."""
    _, from_the_end = np.unique(items[::-1], return_index=True)
    return items[np.sort(len(items) - 1 - from_the_end)]
