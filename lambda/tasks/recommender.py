"""Recommendations out of a model in memory: exact, named as in the input, explained on request."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from data_prep.encoder import Encoder
from data_prep.errors import InputError
from fm import cold_start
from fm.field_terms import field_terms
from fm.model import Model
from fm.recommend import ItemBlock
from tasks.catalogue import Catalogue

MOST_ITEMS = 1000
_STRONGEST_PAIRS = 5
AVERAGE_USER = "average_user"


class Question(BaseModel):
    """What can be asked (docs/recommendations.md); unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    user: Annotated[str, Field(min_length=1, max_length=1000)]
    n: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 10
    context: dict[str, str | float] = {}
    exclude: Annotated[tuple[str, ...], Field(max_length=10_000)] = ()
    include_seen: bool = False
    explain: bool = False


class InvalidQuestionError(ValueError):
    """The question does not fit the model; the message says what does."""


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
        self._field_names = [*(field.name for field in fields), AVERAGE_USER]
        self._bounds = [(field.start, field.start + field.size) for field in fields]
        self._bounds.append((model.feature_dim, model.feature_dim + 1))

    def answer(self, question: Question) -> dict[str, Any]:
        """Return `user`, `recommendations` (best first), and whether a `fallback` was needed.

        A user whom training does not know is answered as the average user ("average_user"): by
        each item's mean score over all users, and the context.

        Raises:
            InvalidQuestionError: the context is not what the model was trained with.
        """
        known = question.user in self._users
        context = self._context(question, known)
        left_out = self._left_out(question)
        best, scores = self._block.top_n(context, question.n, exclude=[left_out])
        found = [(int(item), float(s)) for item, s in zip(best[0], scores[0], strict=True)]
        return {
            "user": question.user,
            "fallback": None if known else AVERAGE_USER,
            "recommendations": [
                {
                    "item": self._encoder.item_ids[item],
                    "score": round(score, 6),
                    **({"explanation": self._explain(context, item)} if question.explain else {}),
                }
                for item, score in found
                if item >= 0
            ],
        }

    def _context(self, question: Question, known: bool) -> Any:
        row = self._average
        if known:
            row = cold_start.widened(self._encoder.encode_users([question.user]))
        if question.context:
            row = row + cold_start.widened(self._context_features(question))
        return row

    def _context_features(self, question: Question) -> Any:
        """The part of a row that the session's context makes."""
        encoder = self._encoder
        names = [field.name for field in encoder.manifest.fields if field.role == "context_feature"]
        unknown = sorted(set(question.context) - set(names))
        if unknown:
            raise InvalidQuestionError(
                f"context: the model has no {', '.join(unknown)}; "
                f"it has {', '.join(names) or 'none'}"
            )
        user, item = [question.user], encoder.item_ids[:1]
        try:
            given: Any = {name: [value] for name, value in question.context.items()}
            whole = encoder.encode(user, item, given)
        except (InputError, TypeError, ValueError) as error:
            raise InvalidQuestionError(f"context: {error}") from error
        part = (whole - encoder.encode_users(user) - encoder.encode_items(item)).tocsr()
        part.eliminate_zeros()
        return part

    def _left_out(self, question: Question) -> npt.NDArray[np.int64]:
        named = [self._items[item] for item in question.exclude if item in self._items]
        if not question.include_seen:
            named += self._encoder.seen_items(question.user).tolist()
        return np.array(named, np.int64)

    def _explain(self, context: Any, item: int) -> Mapping[str, Any]:
        row = (context + self._item_rows[[item]]).tocsr()
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
