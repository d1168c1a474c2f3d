"""What the evaluation of a model measured: the contents of metrics.json."""

from dataclasses import dataclass
from typing import Self, cast

from tasks.evaluation.comparison import Comparison
from tasks.run.metric import Metric
from tasks.run.payloads import EvaluationDocument, RankingDocument


@dataclass(frozen=True)
class Ranking:
    """How good the systems' lists are.

    Attributes:
        users: those with a held-out item that they liked and had not seen; nothing is compared
            without any.
        items: those that compete for each list.
        comparison: over the users.
        overlap_with_live: mean share of the first ten places that the model's and the live model's
            lists have in common; None without a live model.
    """

    users: int
    items: int
    comparison: Comparison
    overlap_with_live: float | None = None

    def document(self) -> RankingDocument:
        """Return the part of metrics.json that holds this ranking."""
        overlap = self.overlap_with_live
        document = {
            "users": self.users,
            "items": self.items,
            **self.comparison.document(),
            **({} if overlap is None else {"overlap_with_live@10": overlap}),
        }
        return cast(RankingDocument, document)

    @classmethod
    def from_document(cls, document: RankingDocument) -> Self:
        """Return the ranking that `document` made this part of metrics.json."""
        return cls(
            document["users"],
            document["items"],
            Comparison.from_document(document),
            document.get("overlap_with_live@10"),
        )


@dataclass(frozen=True)
class Measurements:
    """All metrics of all systems (docs/evaluation.md), small enough for a state's payload.

    Attributes:
        predictor_type: that of the model.
        rows: how many held-out rows were scored.
        scoring: the comparison on those rows.
        ranking: the comparison of the lists.
    """

    predictor_type: str
    rows: int
    scoring: Comparison
    ranking: Ranking

    def comparison_by(self, metric: Metric) -> Comparison:
        """Return the comparison that has the metric."""
        return self.ranking.comparison if metric.ranks else self.scoring

    def document(self) -> EvaluationDocument:
        """Return the contents of metrics.json."""
        return {
            "predictor_type": self.predictor_type,
            "rows": self.rows,
            **self.scoring.document(),
            "ranking": self.ranking.document(),
        }

    @classmethod
    def from_document(cls, document: EvaluationDocument) -> Self:
        """Return the measurements that `document` made metrics.json."""
        return cls(
            document["predictor_type"],
            document["rows"],
            Comparison.from_document(document),
            Ranking.from_document(document["ranking"]),
        )
