"""Recommendations out of a model in memory: exact, named as in the input, explained on request."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from data_prep.encoder import Encoder
from data_prep.manifest import Field, Role
from data_prep.settings import OF_TIME
from fm import cold_start
from fm.field_terms import field_terms
from fm.model import Model
from fm.top_n import ItemBlock
from tasks.recommending import side_features
from tasks.recommending.question import InvalidQuestionError, Question
from tasks.run.catalogue import Catalogue

_STRONGEST_PAIRS = 5
AVERAGE_USER = "average_user"


class _Found(NamedTuple):
    """An item that a list may show, and which of `rows` has its features."""

    item: str
    score: float
    rows: Any
    at: int


class Recommender:
    """Answers for one model; everything about the items is computed once."""

    def __init__(self, model: Model, encoder: Encoder) -> None:
        self._encoder = encoder
        users = encoder.encode_users(encoder.user_ids)
        self._model = cold_start.with_average(model, users, encoder.user_counts)
        self._item_rows = cold_start.widened(Catalogue(encoder).item_rows)
        self._block = ItemBlock(self._model, self._item_rows)
        self._users = {user: place for place, user in enumerate(encoder.user_ids)}
        self._items = {item: place for place, item in enumerate(encoder.item_ids)}
        self._average = cold_start.average_row(model.feature_dim)
        fields = encoder.manifest.fields
        self._field_names = [*map(_field_name, fields), AVERAGE_USER]
        self._bounds = [(field.start, field.start + field.size) for field in fields]
        self._bounds.append((model.feature_dim, model.feature_dim + 1))

    def answer(self, question: Question) -> dict[str, Any]:
        """Return `user`, `recommendations` (best first), and whether a `fallback` was needed.

        A user whom training does not know is answered as the average user ("average_user"): by
        each item's mean score over all users, and the context.

        Raises:
            InvalidQuestionError: the side features are not those that the model was trained with.
        """
        known = question.user in self._users
        context = self._context(question, known)
        found = [*self._known_items(question, context), *self._new_items(question, context)]
        found.sort(key=lambda one: -one.score)  # stable: of equal scores the order stays
        return {
            "user": question.user,
            "fallback": None if known else AVERAGE_USER,
            "recommendations": [
                {
                    "item": one.item,
                    "score": round(one.score, 6),
                    **({"explanation": self._explain(context, one)} if question.explain else {}),
                }
                for one in found[: question.n]
            ],
        }

    def _context(self, question: Question, known: bool) -> Any:
        row = self._average
        if known:
            row = cold_start.widened(self._encoder.encode_users([question.user]))
        if question.context:
            given = side_features.values(
                self._fields("context_feature"), question.context, "context"
            )
            columns: Any = {name: [value] for name, value in given.items()}
            part = side_features.near(self._encoder.encode_contexts(1, columns), "context")
            row = row + cold_start.widened(part)
        return row

    def _known_items(self, question: Question, context: Any) -> Iterator[_Found]:
        left_out = self._left_out(question)
        best, scores = self._block.top_n(context, question.n, exclude=[left_out])
        for at, score in zip(best[0].tolist(), scores[0].tolist(), strict=True):
            if at >= 0:
                yield _Found(self._encoder.item_ids[at], score, self._item_rows, at)

    def _new_items(self, question: Question, context: Any) -> Iterator[_Found]:
        if not question.new_items:
            return
        fields = self._fields("item_feature")
        given = []
        for item, features in question.new_items.items():
            if item in self._items:
                raise InvalidQuestionError(f"new_items.{item}: training knows this item")
            given.append(side_features.values(fields, features, f"new_items.{item}"))
        columns: Any = {field.name: [one[field.name] for one in given] for field in fields}
        part = self._encoder.encode_new_items(len(given), columns)
        rows = cold_start.widened(side_features.near(part, "new_items"))
        scores = ItemBlock(self._model, rows).scores(context)[0]
        for at, (item, score) in enumerate(zip(question.new_items, scores.tolist(), strict=True)):
            yield _Found(item, score, rows, at)

    def _fields(self, role: Role) -> list[Field]:
        return [field for field in self._encoder.manifest.fields if field.role == role]

    def _left_out(self, question: Question) -> npt.NDArray[np.int64]:
        named = [self._items[item] for item in question.exclude if item in self._items]
        if not question.include_seen:
            named += self._encoder.seen_items(question.user).tolist()
        return np.array(named, np.int64)

    def _explain(self, context: Any, one: _Found) -> Mapping[str, Any]:
        row = (context + one.rows[[one.at]]).tocsr()
        found = field_terms(self._model, row, self._bounds)
        names = self._field_names
        return {
            "bias": round(found.bias, 6),
            "linear": {
                name: round(float(term), 6)
                for name, term in zip(names, found.linear, strict=True)
                if term
            },
            "pairs": [
                {"fields": [names[a], names[b]], "term": round(term, 6)}
                for a, b, term in found.strongest_pairs(_STRONGEST_PAIRS)
            ],
            "raw_score": round(found.raw_score, 6),
        }


def _field_name(field: Field) -> str:
    """The column's name; of a timestamp's several features also which one it is."""
    return f"{field.name}:{field.kind}" if field.kind in OF_TIME else field.name
