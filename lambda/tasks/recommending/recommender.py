"""Recommendations out of a model in memory: exact, named as in the input, explained on request."""

from collections.abc import Iterator
from typing import Self

import numpy as np

from data_prep.encoder import Encoder
from fm import cold_start
from fm.arrays import CsrRows, Int64s
from fm.model import Model
from fm.similar_items import SimilarItems
from fm.top_n import ItemBlock
from tasks.recommending.asker import Asker, Askers
from tasks.recommending.candidates import Candidate, Candidates
from tasks.recommending.explanation import Explainer
from tasks.recommending.question import (
    Answer,
    HistoryUse,
    InvalidQuestionError,
    Named,
    Question,
    Recommendation,
    SimilarAnswer,
    titled,
)
from tasks.run.catalogue import Catalogue

_BATCH_USERS = 4096


class Recommender:
    """Answers questions about one model; everything about the items is computed once."""

    def __init__(self, encoder: Encoder, model: Model, item_rows: CsrRows) -> None:
        """Take what `build` computes.

        Args:
            encoder: that of the run which trained the model.
            model: with the average user as one more feature (`fm.cold_start`).
            item_rows: the items' features, as wide as the model, shape (items, d + 1).
        """
        self._encoder = encoder
        self._askers = Askers(encoder)
        block = ItemBlock(model, item_rows)
        self._candidates = Candidates(encoder, self._askers, item_rows, block)
        self._explainer = Explainer(encoder, model)
        self._similar = SimilarItems(model, item_rows)

    @classmethod
    def build(cls, model: Model, encoder: Encoder) -> Self:
        """Return the recommender of `model`, trained on what `encoder` encodes."""
        counts = np.asarray(encoder.user_counts)
        with_average = cold_start.with_average(model, _user_rows(encoder), counts)
        item_rows = cold_start.widened(Catalogue.build(encoder).item_rows)
        return cls(encoder, with_average, item_rows)

    def answer(self, question: Question) -> Answer:
        """Return the best items for a user, best first.

        A user whom training does not know is answered by the items that they give, or else as the
        average user: by each item's mean score over all users, and the context.

        Raises:
            InvalidQuestionError: the side features are not those that the model was trained with,
                or items are given to a model that knows no histories.
        """
        asker = self._askers.of_question(question)
        best = self._candidates.best(question, asker, self._hidden(question, asker))
        return {
            "user": question.user,
            "fallback": asker.fallback,
            "history": self._history(question, asker),
            "recommendations": [self._recommendation(question, one) for one in best],
        }

    def similar(self, item: str, question: Question) -> SimilarAnswer:
        """Return the items most similar to one, the most similar first.

        Raises:
            InvalidQuestionError: training does not know the item, or items are given to a model
                that knows no histories.
        """
        index = int(self._encoder.item_indices([item])[0])
        if index < 0:
            raise InvalidQuestionError(f"similar: training does not know item {item[:100]!r}")
        hidden = self._hidden(question, self._askers.of_question(question))
        items, cosines = self._similar.top_n(index, question.n, hidden)
        ids = self._encoder.item_ids
        return {
            "similar_to": titled(Named(item=item), self._encoder.titles),
            "recommendations": [
                self._entry(ids[at], cosine)
                for at, cosine in zip(items.tolist(), cosines.tolist(), strict=True)
            ],
        }

    def _hidden(self, question: Question, asker: Asker) -> Int64s:
        """Return the indices of the items that the list must not show."""
        named = self._encoder.item_indices(question.exclude)
        had = [] if question.include_seen else [asker.had]
        return np.concatenate([named[named >= 0], *had])

    def _history(self, question: Question, asker: Asker) -> HistoryUse | None:
        if asker.history is None:
            return None
        used = asker.history.use.copy()
        if question.explain:
            ids, titles = self._encoder.item_ids, self._encoder.titles
            used["items"] = [titled(Named(item=ids[index]), titles) for index in asker.history.used]
        return used

    def _recommendation(self, question: Question, candidate: Candidate) -> Recommendation:
        entry = self._entry(candidate.item, candidate.score)
        if question.explain:
            context, features = candidate.context.row(), candidate.features.row()
            entry["explanation"] = self._explainer.explain(context, features)
        return entry

    def _entry(self, item: str, score: float) -> Recommendation:
        return titled(Recommendation(item=item, score=round(score, 6)), self._encoder.titles)


def _user_rows(encoder: Encoder) -> Iterator[CsrRows]:
    """Yield the rows of all known users, in batches."""
    for start in range(0, len(encoder.user_ids), _BATCH_USERS):
        yield encoder.encode_users(encoder.user_ids[start : start + _BATCH_USERS])
