"""Tables of systems and metrics, which several sections show."""

from collections.abc import Iterable, Iterator, Sequence

from tasks.evaluation.comparison import Comparison, Difference, System, Value
from tasks.report import html
from tasks.report.names import SYSTEM_NAMES, metric_name
from tasks.run.metric import Metric

_UNKNOWN = "n/a"


def number(value: Value, sign: str = "") -> str:
    """Return a metric's value with four decimals; `sign` "+" shows it always."""
    return _UNKNOWN if value is None else format(value, f"{sign}.4f")


def interval(ends: tuple[Value, Value] | None, sign: str = "") -> str:
    """Return an interval's ends, or nothing if there is none."""
    return "" if ends is None else f"{number(ends[0], sign)} to {number(ends[1], sign)}"


def colour(difference: Difference | None) -> str:
    """Return "good" where the model is significantly better, "bad" where it is worse, or ""."""
    if difference is None or difference.low is None or difference.high is None:
        return ""
    return "good" if difference.low > 0 else "bad" if difference.high < 0 else ""


def systems(comparison: Comparison) -> list[System]:
    """Return the systems that are compared and shown, in the report's order."""
    return [system for system in SYSTEM_NAMES if system in comparison.systems]


def value_cells(
    comparison: Comparison, metric: Metric, shown: Iterable[System], *, coloured: bool = False
) -> list[str]:
    """Return a cell for each system with the metric and its interval.

    Args:
        comparison: which has the metric.
        metric: what to show.
        shown: the systems, one a cell.
        coloured: whether colours say against whom the model stands well.
    """
    return [
        html.cell(
            number(comparison.value(system, metric.name)),
            interval(comparison.interval(system, metric.name)),
            colour(comparison.difference(system, metric.name)) if coloured else "",
        )
        for system in shown
    ]


def metric_table(comparison: Comparison, metrics: Sequence[Metric]) -> str:
    """Return a table with a row for each metric and a column for each system."""
    shown = systems(comparison)
    rows = [
        [html.cell(metric_name(metric)), *value_cells(comparison, metric, shown)]
        for metric in metrics
    ]
    return html.table(["metric", *(SYSTEM_NAMES[system] for system in shown)], rows)


def standing(comparison: Comparison, metric: Metric, rivals: Iterable[System]) -> Iterator[str]:
    """Yield where the model's lists stand against those of each other system, in words."""
    ours = number(comparison.value("model", metric.name))
    for system in rivals:
        difference = comparison.difference(system, metric.name)
        if difference is None or difference.by is None:
            continue
        name, value = SYSTEM_NAMES[system], number(comparison.value(system, metric.name))
        numbers = (
            f"{value} against this model's {ours} ({number(difference.by, '+')}, 95 % "
            f"interval {interval((difference.low, difference.high), '+')})"
        )
        verdict = {
            "good": f"This model makes better lists than {name}",
            "bad": f"{name[:1].upper()}{name[1:]} makes better lists",
            "": f"No significant difference to {name}",
        }[colour(difference)]
        yield f"{verdict}: {numbers}."
