"""The rule by which a model may be deployed; numbers only, no AWS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Self

from tasks.evaluation.comparison import Comparison, Difference, System, Value
from tasks.evaluation.measurements import Measurements
from tasks.run.errors import ModelRejected
from tasks.run.execution_input import ExecutionInput, Gate
from tasks.run.metric import DEFAULT, METRICS, Metric
from tasks.run.payloads import DifferenceDocument, Verdict

LAB_IS_NOISE = "the lab's labels are pure noise, from which nothing can be learned"
Rival = Literal["baseline", "constant", "live"]
_RIVAL_NAMES: Mapping[Rival, str] = {
    "baseline": "the popularity baseline",
    "constant": "the mean label",
    "live": "the live model",
}
# Shown beside the model's lists: whoever reads the verdict should know of better ones.
_SHOWN: Mapping[System, str] = {"ease": "EASE", "item_knn": "item-kNN"}
# Two trainings of the same data differ by up to so much of a metric (docs/measurements.md), and on
# the same rows even a difference too small to matter is significant.
_TRAINING_NOISE = 0.005


def decide(settings: ExecutionInput, measurements: Measurements) -> Verdict:
    """Return the numbers that let the model pass, or of a gate that is not enforced all the same.

    Raises:
        ModelRejected: the model is worse than the gate requires; the message holds the numbers.
    """
    decision = verdict(settings, measurements)
    if decision["enforced"] and not decision["accepted"]:
        raise ModelRejected(f"{decision['summary']}; nothing was deployed")
    return decision


def verdict(settings: ExecutionInput, measurements: Measurements) -> Verdict:
    """Return `accepted`, a `summary` in a sentence, and the numbers that decide."""
    gate = settings.gate
    case = _case(gate, measurements)
    reasons = list(_reasons(gate, case))
    interval = case.comparison.interval("model", case.metric.name)
    baseline, constant, live = (case.rivals[rival] for rival in _RIVAL_NAMES)
    return {
        "metric": case.metric.name,
        "model": case.value,
        "interval": None if interval is None else list(interval),
        "minimum": gate.minimum,
        "must_beat_live_by": gate.must_beat_live_by,
        "baseline": baseline.value,
        "baseline_difference": baseline.document(),
        "constant": constant.value,
        "constant_difference": constant.document(),
        "live": live.value,
        "live_difference": live.document(),
        "better_lists": {system: one.value for system, one in case.better_lists() if one.value},
        "accepted": not reasons,
        "enforced": settings.enforces_gate,
        "summary": _noise(settings, reasons) + _summary(case, reasons),
    }


@dataclass(frozen=True)
class _Rival:
    """What the model is compared with: its metric, and the model's difference to it."""

    name: str
    value: Value
    difference: Difference | None

    @classmethod
    def of(cls, comparison: Comparison, metric: Metric, system: System, name: str) -> Self:
        return cls(
            name, comparison.value(system, metric.name), comparison.difference(system, metric.name)
        )

    def __str__(self) -> str:
        if self.value is None or self.difference is None or not self.difference.defined:
            return f"{self.name}, with which it cannot be compared"
        return f"{self.name}'s {self.numbers()}"

    def numbers(self) -> str:
        """Return the value and, if there is one, the model's difference to it."""
        difference = self.difference
        if difference is None or not difference.defined:
            return f"{self.value:.4f}"
        return (
            f"{self.value:.4f} ({difference.by:+.4f}, 95 % interval {difference.low:+.4f} to "
            f"{difference.high:+.4f})"
        )

    def document(self) -> DifferenceDocument | None:
        if self.difference is None:
            return None
        return {
            "by": self.difference.by,
            "low": self.difference.low,
            "high": self.difference.high,
        }


@dataclass(frozen=True)
class _Case:
    """The metric that decides, and what is known of it."""

    metric: Metric
    comparison: Comparison
    sample: str
    rivals: Mapping[Rival, _Rival]

    @property
    def value(self) -> Value:
        return self.comparison.value("model", self.metric.name)

    def better_lists(self) -> Iterator[tuple[System, _Rival]]:
        """Yield the systems that do not block, and by which the metric of the lists is better."""
        for system, name in _SHOWN.items() if self.metric.ranks else ():
            shown = _Rival.of(self.comparison, self.metric, system, name)
            if shown.difference and shown.difference.by is not None and shown.difference.by < 0:
                yield system, shown


def _case(gate: Gate, measurements: Measurements) -> _Case:
    metric = METRICS[gate.metric] if gate.metric else DEFAULT[measurements.purpose]
    comparison = measurements.comparison_by(metric)
    rivals = {
        rival: _Rival.of(comparison, metric, rival, name) for rival, name in _RIVAL_NAMES.items()
    }
    sample = (
        f"{measurements.ranking.users:,} users"
        if metric.ranks
        else f"{measurements.rows:,} held-out rows"
    )
    return _Case(metric, comparison, sample, rivals)


def _reasons(gate: Gate, case: _Case) -> Iterator[str]:
    """Yield what speaks against the model; a number that is not defined (None) always does."""
    if case.value is None:
        yield f"{case.metric.name} is not defined on {case.sample}"
        return
    sign = case.metric.sign
    if gate.minimum is not None and not sign * case.value >= sign * gate.minimum:
        yield f"the gate requires {gate.minimum:g}"
    if gate.must_beat_baseline:
        for bar in _bars(case.metric):
            rival = case.rivals[bar]
            if not _above(rival.difference, "low", 0):
                yield f"it is not significantly better than {rival}"
    if case.rivals["live"].value is not None:
        yield from _against_live(gate.must_beat_live_by, case.rivals["live"])


def _bars(metric: Metric) -> tuple[Rival, ...]:
    """Return what a model must beat by the metric.

    Popularity learns from noise as well, and then does worse than the constant, which knows
    nothing. A constant makes no lists, and is calibrated by construction.
    """
    return ("baseline",) if metric.ranks or metric.name == "ece" else ("baseline", "constant")


def _against_live(least: float | None, live: _Rival) -> Iterator[str]:
    if least is None:
        tolerated = -_TRAINING_NOISE * abs(live.value or 0.0)
        if not _above(live.difference, "high", tolerated, or_equal=True):
            yield f"it is significantly worse than {live}"
    elif not _above(live.difference, "by", least, or_equal=True):
        yield f"it does not beat {live} by {least:g}"


def _above(
    difference: Difference | None,
    end: Literal["by", "low", "high"],
    least: float,
    *,
    or_equal: bool = False,
) -> bool:
    value: Value = None if difference is None else getattr(difference, end)
    return value is not None and (value >= least if or_equal else value > least)


def _noise(settings: ExecutionInput, reasons: list[str]) -> str:
    """Return what begins the summary of a model of the lab's data."""
    if settings.source is not None:
        return ""
    refused = bool(reasons) and not settings.enforces_gate
    return f"{LAB_IS_NOISE}{', and the gate would have refused this model' if refused else ''}: "


def _summary(case: _Case, reasons: list[str]) -> str:
    if case.value is None:
        return " and ".join(reasons)
    stated = f"{case.metric.name} on {case.sample} is {case.value:.4f}"
    rivals = [case.rivals["baseline"], case.rivals["live"]]
    compared = [str(one) for one in rivals if one.value is not None and one.difference is not None]
    if reasons:
        stated += f", but {' and '.join(reasons)}"
    elif compared:
        stated += f", against {' and '.join(compared)}"
    return "; ".join([stated, *(_better_lists(one) for _, one in case.better_lists())])


def _better_lists(shown: _Rival) -> str:
    may_be_equal = _above(shown.difference, "high", 0, or_equal=True)
    words = "'s lists are as good" if may_be_equal else " makes better lists"
    return f"{shown.name}{words}: {shown.numbers()}"
