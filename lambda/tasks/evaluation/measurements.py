"""What the evaluation of a model measured: the contents of metrics.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, cast

from tasks.evaluation.comparison import SYSTEMS, Comparison, System
from tasks.run.metric import Metric
from tasks.run.payloads import EvaluationDocument, RankingDocument, StrangersDocument


@dataclass(frozen=True)
class Strangers:
    """How good the lists are for users of whom training has no row.

    Attributes:
        users: those who could be asked.
        comparison: over the users; nothing is compared when they are too few.
    """

    users: int
    comparison: Comparison

    def document(self) -> StrangersDocument:
        """Return the part of metrics.json that holds these strangers."""
        return cast(StrangersDocument, {"users": self.users, **self.comparison.document()})

    @classmethod
    def from_document(cls, document: StrangersDocument) -> Self:
        """Return the strangers that `document` made this part of metrics.json."""
        return cls(document["users"], Comparison.from_document(document))


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
        strangers: by the number of items that each was known by; empty without histories.
        not_compared: by system, why it makes no lists here.
        by_time: the same of the second model, which was trained by time, if there is one.
        not_by_time: why there is none.
    """

    users: int
    items: int
    comparison: Comparison
    overlap_with_live: float | None = None
    strangers: Mapping[int, Strangers] = field(default_factory=dict)
    not_compared: Mapping[System, str] = field(default_factory=dict)
    by_time: "Ranking | None" = None
    not_by_time: str | None = None

    def document(self) -> RankingDocument:
        """Return the part of metrics.json that holds this ranking."""
        overlap = self.overlap_with_live
        strangers = {str(given): each.document() for given, each in self.strangers.items()}
        document = {
            "users": self.users,
            "items": self.items,
            **self.comparison.document(),
            **({} if overlap is None else {"overlap_with_live@10": overlap}),
            **({"strangers": strangers} if strangers else {}),
            **({"not_compared": dict(self.not_compared)} if self.not_compared else {}),
            **({} if self.by_time is None else {"by_time": self.by_time.document()}),
            **({} if self.not_by_time is None else {"not_by_time": self.not_by_time}),
        }
        return cast(RankingDocument, document)

    @classmethod
    def from_document(cls, document: RankingDocument) -> Self:
        """Return the ranking that `document` made this part of metrics.json."""
        strangers = document.get("strangers", {})
        reasons = document.get("not_compared", {})
        by_time = document.get("by_time")
        return cls(
            document["users"],
            document["items"],
            Comparison.from_document(document),
            document.get("overlap_with_live@10"),
            {int(given): Strangers.from_document(each) for given, each in strangers.items()},
            {system: reasons[system] for system in SYSTEMS if system in reasons},
            None if by_time is None else cls.from_document(by_time),
            document.get("not_by_time"),
        )


@dataclass(frozen=True)
class Measurements:
    """All metrics of all systems (docs/evaluation.md), small enough for a state's payload.

    Attributes:
        purpose: what the model is for: "ranking", "classification" or "rating".
        predictor_type: that of the model.
        rows: how many held-out rows were scored.
        scoring: the comparison on those rows.
        ranking: the comparison of the lists.
    """

    purpose: str
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
            "purpose": self.purpose,
            "predictor_type": self.predictor_type,
            "rows": self.rows,
            **self.scoring.document(),
            "ranking": self.ranking.document(),
        }

    @classmethod
    def from_document(cls, document: EvaluationDocument) -> Self:
        """Return the measurements that `document` made metrics.json."""
        return cls(
            document["purpose"],
            document["predictor_type"],
            document["rows"],
            Comparison.from_document(document),
            Ranking.from_document(document["ranking"]),
        )
