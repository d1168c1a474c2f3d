"""The items that a list may show: their scores, and the rows that the scores are of."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from data_prep.encoder import Encoder
from data_prep.manifest import Field, Role
from fm import cold_start, scoring
from fm.arrays import CsrRows, Int64s
from fm.top_n import ItemBlock
from tasks.recommending import side_features
from tasks.recommending.asker import Asker, Askers
from tasks.recommending.question import InvalidQuestionError, Question


class Part(NamedTuple):
    """A part of a feature row: the one at `at` of `rows`, CSR, shape (n, d + 1)."""

    rows: CsrRows
    at: int

    def row(self) -> CsrRows:
        """Return the part alone, CSR, shape (1, d + 1)."""
        part: CsrRows = self.rows[[self.at]]
        return part


class Candidate(NamedTuple):
    """An item that a list may show.

    Attributes:
        item: its id.
        score: what the endpoint answers for the two parts together.
        context: the features of the user and the context.
        features: those of the item.
    """

    item: str
    score: float
    context: Part
    features: Part


class Candidates:
    """Scores the items that training knows, and those that a question describes."""

    def __init__(
        self, encoder: Encoder, askers: Askers, item_rows: CsrRows, block: ItemBlock
    ) -> None:
        """Take what is computed once.

        Args:
            encoder: that of the run which trained the model.
            askers: of the same encoder.
            item_rows: the known items' features, as wide as the model, shape (items, d + 1).
            block: the same items, ready for ranking.
        """
        self._encoder, self._askers = encoder, askers
        self._item_rows, self._block = item_rows, block

    def best(self, question: Question, asker: Asker, hidden: Int64s) -> list[Candidate]:
        """Return the best items, best first.

        Args:
            question: what is asked for.
            asker: who asks.
            hidden: the indices of the items that the list must not show.

        Raises:
            InvalidQuestionError: the side features are not those that the model was trained with.
        """
        context = self._in_context(question, asker.row)
        again = np.empty(0, np.int64)
        if asker.history is not None:
            again = np.setdiff1d(asker.history.used, hidden)
        found = [
            *self._known(context, question.n, np.concatenate([hidden, again])),
            *self._again(question, asker, again),
            *self._new(question, context),
        ]
        found.sort(key=lambda one: -one.score)  # stable: of equal scores the order stays
        return found[: question.n]

    def _in_context(self, question: Question, rows: CsrRows) -> CsrRows:
        """Return rows (n, d + 1) with the features of the question's context added to each."""
        if not question.context:
            return rows
        fields = self._fields("context_feature")
        values = side_features.values(fields, question.context, "context")
        columns = side_features.columns(fields, [values])
        part = side_features.near(self._encoder.encode_contexts(1, columns), "context")
        return (rows + cold_start.widened(part)[[0] * rows.shape[0]]).tocsr()

    def _known(self, context: CsrRows, n: int, excluded: Int64s) -> Iterator[Candidate]:
        best, scores = self._block.top_n(context, n, exclude=[excluded])
        for index, score in zip(best[0].tolist(), scores[0].tolist(), strict=True):
            if index >= 0:
                item = self._encoder.item_ids[index]
                yield Candidate(item, score, Part(context, 0), Part(self._item_rows, index))

    def _again(self, question: Question, asker: Asker, items: Int64s) -> Iterator[Candidate]:
        """Yield items of the history itself, each scored by the others, as in training."""
        if not len(items):
            return
        contexts = self._in_context(question, self._askers.without_own(asker, items))
        rows = (contexts + self._item_rows[items]).tocsr()
        scores = scoring.scores(self._block.model, rows).tolist()
        for at, (index, score) in enumerate(zip(items.tolist(), scores, strict=True)):
            item = self._encoder.item_ids[index]
            yield Candidate(item, score, Part(contexts, at), Part(self._item_rows, index))

    def _new(self, question: Question, context: CsrRows) -> Iterator[Candidate]:
        """Yield the items that the question describes."""
        if not question.new_items:
            return
        fields = self._fields("item_feature")
        values = []
        for item, features in question.new_items.items():
            if self._encoder.item_indices([item])[0] >= 0:
                raise InvalidQuestionError(f"new_items.{item}: training knows this item")
            values.append(side_features.values(fields, features, f"new_items.{item}"))
        columns = side_features.columns(fields, values)
        part = self._encoder.encode_new_items(len(values), columns)
        rows = cold_start.widened(side_features.near(part, "new_items"))
        scores = ItemBlock(self._block.model, rows).scores(context)[0].tolist()
        for at, (item, score) in enumerate(zip(question.new_items, scores, strict=True)):
            yield Candidate(item, score, Part(context, 0), Part(rows, at))

    def _fields(self, role: Role) -> list[Field]:
        return [field for field in self._encoder.manifest.fields if field.role == role]
