"""The rule by which a model may be deployed; numbers only, no AWS."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.evaluation.comparison import LOWER_IS_BETTER
from tasks.run.errors import ModelRejected
from tasks.run.execution_input import Gate

_DEFAULT_METRIC = {"binary_classifier": "auc", "regressor": "rmse"}
# Two trainings of the same data differ by up to so much of a metric (docs/measurements.md), and on
# the same rows even a difference too small to matter is a sure one.
_TRAINING_NOISE = 0.005
_OTHERS = {
    "baseline": "the popularity baseline",
    "constant": "the mean label",
    "live": "the live model",
}


def decide(gate: Gate, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that let the model pass.

    Raises:
        ModelRejected: the model is worse than the gate asks; the message holds the numbers.
    """
    found = verdict(gate, evaluation)
    if not found["accepted"]:
        raise ModelRejected(f"{found['summary']}; nothing was deployed")
    return found


def verdict(gate: Gate, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return `accepted`, a `summary` in a sentence, and the numbers that decide."""
    metric = gate.metric or _DEFAULT_METRIC[evaluation["predictor_type"]]
    table = evaluation["ranking"] if "@" in metric else evaluation
    numbers = {
        "metric": metric,
        "model": table.get("model", {}).get(metric),
        "interval": table.get("intervals", {}).get("model", {}).get(metric),
        "minimum": gate.minimum,
        "must_beat_live_by": gate.must_beat_live_by,
    }
    for other in _OTHERS:
        numbers[other] = table.get(other, {}).get(metric)
        numbers[f"{other}_difference"] = table.get("differences", {}).get(other, {}).get(metric)
    reasons = list(_reasons(gate, numbers))
    return {**numbers, "accepted": not reasons, "summary": _summary(numbers, table, reasons)}


def _reasons(gate: Gate, numbers: Mapping[str, Any]) -> Iterator[str]:
    """Yield what speaks against the model; a number that is not defined (None) always does."""
    value = numbers["model"]
    if value is None:
        yield f"{numbers['metric']} is not defined on these rows"
        return
    sign = -1 if numbers["metric"] in LOWER_IS_BETTER else 1
    if gate.minimum is not None and not sign * value >= sign * gate.minimum:
        yield f"the gate asks for {gate.minimum:g}"
    if gate.must_beat_baseline:
        for bar in _bars(numbers["metric"]):
            if not _above(numbers[f"{bar}_difference"], "low", 0):
                yield f"it does not surely beat {_against(bar, numbers)}"
    if numbers["live"] is not None:
        yield from _against_live(gate.must_beat_live_by, numbers)


def _bars(metric: str) -> tuple[str, ...]:
    """What a model must beat by the metric.

    Popularity learns from noise as well, and then does worse than knowing nothing: a constant. A
    constant makes no lists, and is calibrated by itself.
    """
    return ("baseline",) if "@" in metric or metric == "ece" else ("baseline", "constant")


def _against_live(least: float | None, numbers: Mapping[str, Any]) -> Iterator[str]:
    difference = numbers["live_difference"]
    if least is None:
        if not _above(difference, "high", -_TRAINING_NOISE * abs(numbers["live"]), or_equal=True):
            yield f"it is surely worse than {_against('live', numbers)}"
    elif not _above(difference, "by", least, or_equal=True):
        yield f"it does not beat {_against('live', numbers)} by {least:g}"


def _above(
    difference: Mapping[str, Any], end: str, least: float, *, or_equal: bool = False
) -> bool:
    value = difference[end]
    return value is not None and (value >= least if or_equal else value > least)


def _against(other: str, numbers: Mapping[str, Any]) -> str:
    difference = numbers[f"{other}_difference"]
    if None in (numbers[other], *difference.values()):
        return f"{_OTHERS[other]}, with which it cannot be compared"
    return (
        f"{_OTHERS[other]}'s {numbers[other]:.4f} ({difference['by']:+.4f}, 95 % interval "
        f"{difference['low']:+.4f} to {difference['high']:+.4f})"
    )


def _summary(numbers: Mapping[str, Any], table: Mapping[str, Any], reasons: list[str]) -> str:
    metric, value = numbers["metric"], numbers["model"]
    if value is None:
        return " and ".join(reasons)
    sample = f"{table['users']:,} users" if "@" in metric else f"{table['rows']:,} held-out rows"
    stated = f"{metric} on {sample} is {value:.4f}"
    if reasons:
        return f"{stated}, but {' and '.join(reasons)}"
    known = [
        _against(other, numbers)
        for other in ("baseline", "live")
        if numbers[other] is not None and numbers[f"{other}_difference"] is not None
    ]
    return f"{stated}, against {' and '.join(known)}" if known else stated
