"""Recommendations out of a model in memory: exact, named as in the input, explained on request."""

from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np

from data_prep.column_settings import OF_TIME
from data_prep.encoder import Encoder
from data_prep.manifest import Field, Role
from fm import cold_start
from fm.arrays import CsrRows, Int64s
from fm.field_terms import field_terms
from fm.model import Model
from fm.top_n import ItemBlock
from tasks.recommending import side_features
from tasks.recommending.question import (
    Answer,
    Explanation,
    InvalidQuestionError,
    Question,
    Recommendation,
)
from tasks.run.catalogue import Catalogue

_STRONGEST_PAIRS = 5
AVERAGE_USER = "average_user"


class _Candidate(NamedTuple):
    """An item that a list may show, and which of `rows` has its features."""

    item: str
    score: float
    rows: CsrRows
    row: int


class Recommender:
    """Answers questions about one model; everything about the items is computed once."""

    def __init__(
        self, encoder: Encoder, model: Model, item_rows: CsrRows, block: ItemBlock
    ) -> None:
        """Take what `build` computes.

        Args:
            encoder: that of the run which trained the model.
            model: with the average user as one more feature (`fm.cold_start`).
            item_rows: the items' features, as wide as the model, shape (items, d + 1).
            block: the same items, ready for ranking.
        """
        self._encoder = encoder
        self._model = model
        self._item_rows = item_rows
        self._block = block
        self._users = set(encoder.user_ids)
        self._items = {item: index for index, item in enumerate(encoder.item_ids)}
        feature_dim = encoder.feature_dim
        self._average = cold_start.average_row(feature_dim)
        fields = encoder.manifest.fields
        self._field_names = [*map(_field_name, fields), AVERAGE_USER]
        self._bounds = [(field.start, field.start + field.size) for field in fields]
        self._bounds.append((feature_dim, feature_dim + 1))

    @classmethod
    def build(cls, model: Model, encoder: Encoder) -> Self:
        """Return the recommender of `model`, trained on what `encoder` encodes."""
        users = encoder.encode_users(encoder.user_ids)
        with_average = cold_start.with_average(model, users, np.asarray(encoder.user_counts))
        item_rows = cold_start.widened(Catalogue.build(encoder).item_rows)
        return cls(encoder, with_average, item_rows, ItemBlock(with_average, item_rows))

    def answer(self, question: Question) -> Answer:
        """Return the best items for a user, best first.

        A user whom training does not know is answered as the average user: by each item's mean
        score over all users, and the context.

        Raises:
            InvalidQuestionError: the side features are not those that the model was trained with.
        """
        known = question.user in self._users
        context = self._context(question, known)
        candidates = [
            *self._known_items(question, context),
            *self._new_items(question, context),
        ]
        candidates.sort(key=lambda one: -one.score)  # stable: of equal scores the order stays
        best = candidates[: question.n]
        return {
            "user": question.user,
            "fallback": None if known else AVERAGE_USER,
            "recommendations": [self._recommendation(question, context, one) for one in best],
        }

    def _context(self, question: Question, known: bool) -> CsrRows:
        """Return the features of the user and the context, shape (1, d + 1)."""
        row: CsrRows = self._average
        if known:
            row = cold_start.widened(self._encoder.encode_users([question.user]))
        if question.context:
            fields = self._fields("context_feature")
            values = side_features.values(fields, question.context, "context")
            columns = side_features.columns(fields, [values])
            part = side_features.near(self._encoder.encode_contexts(1, columns), "context")
            row = row + cold_start.widened(part)
        return row

    def _known_items(self, question: Question, context: CsrRows) -> Iterator[_Candidate]:
        excluded = self._excluded(question)
        best, scores = self._block.top_n(context, question.n, exclude=[excluded])
        for index, score in zip(best[0].tolist(), scores[0].tolist(), strict=True):
            if index >= 0:
                yield _Candidate(self._encoder.item_ids[index], score, self._item_rows, index)

    def _new_items(self, question: Question, context: CsrRows) -> Iterator[_Candidate]:
        if not question.new_items:
            return
        fields = self._fields("item_feature")
        values = []
        for item, features in question.new_items.items():
            if item in self._items:
                raise InvalidQuestionError(f"new_items.{item}: training knows this item")
            values.append(side_features.values(fields, features, f"new_items.{item}"))
        columns = side_features.columns(fields, values)
        part = self._encoder.encode_new_items(len(values), columns)
        rows = cold_start.widened(side_features.near(part, "new_items"))
        scores = ItemBlock(self._model, rows).scores(context)[0]
        for row, (item, score) in enumerate(zip(question.new_items, scores.tolist(), strict=True)):
            yield _Candidate(item, score, rows, row)

    def _fields(self, role: Role) -> list[Field]:
        return [field for field in self._encoder.manifest.fields if field.role == role]

    def _excluded(self, question: Question) -> Int64s:
        indices = [self._items[item] for item in question.exclude if item in self._items]
        if not question.include_seen:
            indices += self._encoder.seen_items(question.user).tolist()
        return np.array(indices, np.int64)

    def _recommendation(
        self, question: Question, context: CsrRows, candidate: _Candidate
    ) -> Recommendation:
        entry: Recommendation = {"item": candidate.item, "score": round(candidate.score, 6)}
        if question.explain:
            entry["explanation"] = self._explain(context, candidate)
        return entry

    def _explain(self, context: CsrRows, candidate: _Candidate) -> Explanation:
        row = (context + candidate.rows[[candidate.row]]).tocsr()
        terms = field_terms(self._model, row, self._bounds)
        names = self._field_names
        return {
            "bias": round(terms.bias, 6),
            "linear": {
                name: round(float(term), 6)
                for name, term in zip(names, terms.linear, strict=True)
                if term
            },
            "pairs": [
                {"fields": [names[a], names[b]], "term": round(term, 6)}
                for a, b, term in terms.strongest_pairs(_STRONGEST_PAIRS)
            ],
            "raw_score": round(terms.raw_score, 6),
        }


def _field_name(field: Field) -> str:
    """Return the column's name; of a timestamp's several features also which one it is."""
    return f"{field.name}:{field.kind}" if field.kind in OF_TIME else field.name
