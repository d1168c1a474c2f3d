"""report.html: one self-contained file, drawn in SVG, without script or external request."""

from collections.abc import Iterator

from tasks.report import html, sections
from tasks.report.content import Content, duration
from tasks.report.names import metric_name
from tasks.report.style import CSS
from tasks.run.metric import METRICS, of_lists


def render(content: Content) -> str:
    """Return the page as HTML."""
    title = html.text(f"{content.deployment}: run {content.execution}")
    body = "".join(
        (
            _header(content),
            sections.scoring(content),
            sections.lists(content),
            sections.against_live(content),
            sections.learning(content),
            sections.facts(content),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        # Nothing may be fetched, whatever a data set's names contain.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{CSS}</style></head><body><main>{body}</main></body></html>\n"
    )


def _header(content: Content) -> str:
    verdict = content.verdict
    css, word = ("accepted", "Accepted") if verdict["accepted"] else ("rejected", "Rejected")
    metric = METRICS[verdict["metric"]]
    summary = verdict["summary"].replace(metric.name, metric_name(metric), 1)
    return (
        f"<header><h1>{html.text(content.deployment)}: model evaluation</h1>"
        f'<p class="soft small">Run {html.text(content.execution)} · '
        f"{content.written:%Y-%m-%d %H:%M} UTC</p></header>"
        f'<div class="verdict {css}"><b>{word} by the gate</b>{html.text(summary)}.</div>'
        f'<div class="tiles">{"".join(_tiles(content))}</div>'
    )


def _tiles(content: Content) -> Iterator[str]:
    verdict = content.verdict
    if verdict["model"] is not None:
        low, high = verdict["interval"] or (None, None)
        note = "" if low is None or high is None else f"{low:.4f} to {high:.4f} (95 %)"
        metric = METRICS[verdict["metric"]]
        yield html.tile(metric_name(metric), f"{verdict['model']:.4f}", note)
    difference = verdict["baseline_difference"]
    if difference and difference["by"] is not None:
        yield html.tile("better than popularity by", f"{difference['by']:+.4f}")
    ndcg, comparison = of_lists("ndcg", 10), content.measurements.ranking.comparison
    reached = comparison.value("model", ndcg.name)
    popular = comparison.value("baseline", ndcg.name)
    if reached is not None and popular is not None:
        yield html.tile(metric_name(ndcg), f"{reached:.4f}", f"popularity {popular:.4f}")
    yield html.tile("training rows", f"{content.manifest.rows.train:,}")
    elapsed = (content.written - content.started).total_seconds()
    yield html.tile("run until this report", duration(elapsed))
    if content.cost():
        yield html.tile("training cost", content.cost(), "on-demand list price")
