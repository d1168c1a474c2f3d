"""The metrics by which models are compared: what each is of, and in which direction it is better.

docs/evaluation.md says what they mean; `fm` computes them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fm import ranking_metrics, weighted_metrics
from fm.model import BINARY, REGRESSOR

_LOSSES = {"log_loss", "ece", "rmse", "mae"}


@dataclass(frozen=True)
class Metric:
    """A metric of scored rows, or of ranked lists.

    Attributes:
        name: as in metrics.json and in `gate.metric`, such as "ndcg@10".
        family: the name without the lists' length: "ndcg".
        predictor_types: those of the models that have it.
        lower_is_better: whether it is a loss or an error.
        cutoff: the length of the lists that it judges; None for a metric of scored rows.
        gates: whether a gate may decide by it.
    """

    name: str
    family: str
    predictor_types: tuple[str, ...]
    lower_is_better: bool = False
    cutoff: int | None = None
    gates: bool = True

    @property
    def ranks(self) -> bool:
        """Whether it judges ranked lists, and so is a number per user instead of per row."""
        return self.cutoff is not None

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return -1 if self.lower_is_better else 1


def _scoring(names: Iterable[str], predictor_type: str) -> Iterable[Metric]:
    for name in names:
        yield Metric(name, name, (predictor_type,), lower_is_better=name in _LOSSES)


def _ranking(families: Iterable[str], *, gates: bool) -> Iterable[Metric]:
    for cutoff in ranking_metrics.CUTOFFS:
        for family in families:
            name = f"{family}@{cutoff}"
            yield Metric(name, family, (BINARY, REGRESSOR), cutoff=cutoff, gates=gates)


BREADTH_FAMILIES = ("coverage", "novelty")
METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            *_scoring(weighted_metrics.CLASSIFICATION, BINARY),
            *_scoring(weighted_metrics.REGRESSION, REGRESSOR),
            *_ranking(ranking_metrics.PER_USER, gates=True),
            *_ranking(BREADTH_FAMILIES, gates=False),
        )
    }
)
# What decides about a model of each purpose, unless the input says otherwise.
DEFAULT: Mapping[str, Metric] = MappingProxyType(
    {
        "ranking": METRICS["ndcg@10"],
        "classification": METRICS["auc"],
        "rating": METRICS["rmse"],
    }
)


def of_gate(predictor_type: str) -> list[str]:
    """Return the names of the metrics by which a gate may decide about a model of the type."""
    return [
        metric.name
        for metric in METRICS.values()
        if metric.gates and predictor_type in metric.predictor_types
    ]


def of_lists(family: str, cutoff: int) -> Metric:
    """Return the ranking metric of a family for lists of the length `cutoff`."""
    return next(m for m in METRICS.values() if (m.family, m.cutoff) == (family, cutoff))
