"""Where a recommendation's score comes from: terms of fields, and items of the history."""

import numpy as np

from data_prep.column_settings import OF_TIME
from data_prep.encoder import Encoder
from data_prep.manifest import Field
from fm.arrays import CsrRows
from fm.field_terms import feature_terms, field_terms
from fm.model import Model
from tasks.recommending.asker import AVERAGE_USER
from tasks.recommending.question import Cause, Explanation, titled

_STRONGEST_PAIRS = _MOST_CAUSES = 5


class Explainer:
    """Explains the scores of one model."""

    def __init__(self, encoder: Encoder, model: Model) -> None:
        """Take the model.

        Args:
            encoder: that of the run which trained the model.
            model: with the average user as one more feature (`fm.cold_start`).
        """
        self._encoder, self._model = encoder, model
        fields, feature_dim = encoder.manifest.fields, encoder.feature_dim
        self._names = [*map(_field_name, fields), AVERAGE_USER]
        self._bounds = [(field.start, field.start + field.size) for field in fields]
        self._bounds.append((feature_dim, feature_dim + 1))

    def explain(self, context: CsrRows, features: CsrRows) -> Explanation:
        """Return the terms of a score.

        Args:
            context: the features of the user and the context, CSR, shape (1, d + 1).
            features: those of the item, likewise.
        """
        terms = field_terms(self._model, (context + features).tocsr(), self._bounds)
        names = self._names
        explanation: Explanation = {
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
        if self._encoder.most_history is not None:
            explanation["because"] = self._causes(context, features)
        return explanation

    def _causes(self, context: CsrRows, features: CsrRows) -> list[Cause]:
        """Return the items of the history that raise the score most, the largest term first."""
        user = self._encoder.manifest.field("user")
        items = context.indices - user.start
        terms = feature_terms(self._model, context, features)
        raising = np.flatnonzero((items >= 0) & (items < user.size) & (terms > 0))
        strongest = raising[np.argsort(-terms[raising], kind="stable")][:_MOST_CAUSES]
        ids, titles = self._encoder.item_ids, self._encoder.titles
        return [
            titled(Cause(item=ids[items[at]], term=round(float(terms[at]), 6)), titles)
            for at in strongest
        ]


def _field_name(field: Field) -> str:
    """Return the column's name; of a timestamp's several features also which one it is."""
    return f"{field.name}:{field.kind}" if field.kind in OF_TIME else field.name
