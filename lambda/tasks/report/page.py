"""report.html: one self-contained file, drawn in SVG, without script or external request."""

from collections.abc import Iterator

from tasks.report import html, sections
from tasks.report.content import Content, duration
from tasks.report.names import metric_name
from tasks.report.style import CSS


def render(content: Content) -> str:
    """Return the page."""
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
    metric = verdict["metric"]
    summary = verdict["summary"].replace(metric, metric_name(metric), 1)
    return (
        f"<header><h1>{html.text(content.deployment)}: model evaluation</h1>"
        f'<p class="soft small">Run {html.text(content.execution)} · '
        f"{content.written:%Y-%m-%d %H:%M} UTC</p></header>"
        f'<div class="verdict {css}"><b>{word} by the gate</b>{html.text(summary)}.</div>'
        f'<div class="tiles">{"".join(_tiles(content))}</div>'
    )


def _tiles(content: Content) -> Iterator[str]:
    evaluation, verdict = content.evaluation, content.verdict
    if verdict["model"] is not None:
        low, high = verdict["interval"]
        note = "" if None in (low, high) else f"{low:.4f} to {high:.4f} (95 %)"
        yield html.tile(metric_name(verdict["metric"]), f"{verdict['model']:.4f}", note)
    difference = verdict["baseline_difference"]
    if difference and difference["by"] is not None:
        yield html.tile("better than popularity by", f"{difference['by']:+.4f}")
    table = evaluation["ranking"]
    if table["users"]:
        popular = table["baseline"]["ndcg@10"]
        yield html.tile(
            "NDCG at 10", f"{table['model']['ndcg@10']:.4f}", f"popularity {popular:.4f}"
        )
    yield html.tile("training rows", f"{content.manifest.rows.train:,}")
    elapsed = (content.written - content.started).total_seconds()
    yield html.tile("run until this report", duration(elapsed))
    if content.cost():
        yield html.tile("training cost", content.cost(), "on-demand list price")
