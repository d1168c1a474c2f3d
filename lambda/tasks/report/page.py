"""report.html: one self-contained file, drawn in SVG, without script or external request."""

from collections.abc import Iterator

from tasks.report import html, lists, sections, tables
from tasks.report.by_time import by_time
from tasks.report.content import Content, duration
from tasks.report.names import metric_name
from tasks.report.style import CSS
from tasks.run.metric import METRICS, of_lists

_LIST_TILES = ("ndcg", "recall", "coverage")


def render(content: Content) -> str:
    """Return the page as HTML."""
    title = html.text(f"{content.deployment}: run {content.execution}")
    body = "".join(
        (
            _header(content),
            *_opening(content),
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


def _opening(content: Content) -> Iterator[str]:
    """Yield the sections on what the model is for, and then the others."""
    ranks = content.measurements.purpose == "ranking"
    if not ranks:
        yield sections.scoring(content)
    yield lists.lists(content)
    if ranks:
        yield by_time(content)
    yield lists.strangers(content)
    yield sections.against_live(content)
    yield sections.learning(content)
    if ranks:
        yield sections.scoring(content)


def _header(content: Content) -> str:
    verdict = content.verdict
    css, word = ("accepted", "Accepted") if verdict["accepted"] else ("rejected", "Rejected")
    if not verdict["accepted"] and not verdict["enforced"]:
        word = "Would be rejected"
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
    verdict, ranks = content.verdict, content.measurements.purpose == "ranking"
    decisive = METRICS[verdict["metric"]]
    lists = [of_lists(family, 10) for family in _LIST_TILES] if ranks else [of_lists("ndcg", 10)]
    for metric in dict.fromkeys([decisive, *lists]):
        comparison = content.measurements.comparison_by(metric)
        value = comparison.value("model", metric.name)
        if value is not None:
            ends = tables.interval(comparison.interval("model", metric.name))
            yield html.tile(metric_name(metric), f"{value:.4f}", f"{ends} (95 %)")
    difference = verdict["baseline_difference"]
    if difference and difference["by"] is not None:
        yield html.tile("better than popularity by", f"{difference['by']:+.4f}")
    yield html.tile("training rows", f"{content.manifest.rows.train:,}")
    elapsed = (content.written - content.started).total_seconds()
    yield html.tile("run until this report", duration(elapsed))
    cost = content.cost()
    if cost is not None:
        yield html.tile("training cost", cost, "on-demand list price")
