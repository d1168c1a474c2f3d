"""A bar for each system, one below the other, so that names have room on a phone, too."""

from tasks.evaluation.comparison import Comparison
from tasks.report import html, tables
from tasks.report.names import SYSTEM_NAMES
from tasks.run.metric import Metric

_WIDTH, _HEIGHT = 300, 16


def of_systems(comparison: Comparison, metric: Metric) -> str:
    """Return each system's metric as a bar with its 95 % interval, the best one first.

    Args:
        comparison: of at least one system.
        metric: one that is larger where a system is better, and at least 0.
    """
    values = {
        system: comparison.value(system, metric.name) or 0.0
        for system in tables.systems(comparison)
    }
    ends = {system: comparison.interval(system, metric.name) for system in values}
    top = max([end[1] or 0.0 for end in ends.values() if end] + [*values.values()]) or 1.0
    rows = []
    for system in sorted(values, key=lambda system: -values[system]):
        low, high = (end or values[system] for end in ends[system] or (None, None))
        width, left, right = (_WIDTH * value / top for value in (values[system], low, high))
        shown = tables.number(values[system])
        title = f"{SYSTEM_NAMES[system]}: {shown} ({low:.4f} to {high:.4f})"
        rows.append(
            f"<span>{html.text(SYSTEM_NAMES[system])}</span>"
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
            f'aria-label="{html.text(title)}"><rect class="bar s-{system}" width="{width:.1f}" '
            f'height="{_HEIGHT}"><title>{html.text(title)}</title></rect>'
            f'<path class="whisker ink" d="M{left:.1f} {_HEIGHT / 2}H{right:.1f}"/></svg>'
            f"<span>{shown}</span>"
        )
    return f'<div class="bars">{"".join(rows)}</div>'
