"""The report's sections on lists of recommendations: how good they are, for whom, and examples."""

from collections.abc import Iterator

from fm import ranking_metrics
from tasks.evaluation import ranking
from tasks.evaluation.audience import FEWEST_LEFT
from tasks.evaluation.comparison import System
from tasks.evaluation.examples import Example
from tasks.report import bars, charts, html, tables
from tasks.report.content import Content
from tasks.report.names import FAMILY_NAMES, SYSTEM_NAMES, metric_name
from tasks.run.metric import BREADTH_FAMILIES, METRICS, of_lists

_TITLE = "Lists of recommendations"
_FAMILIES = (*ranking_metrics.PER_USER, *BREADTH_FAMILIES)
_FIRST = of_lists("ndcg", 10)
_RIVALS: tuple[System, ...] = ("ease", "item_knn", "baseline", "live", "bias_only")
_BY_TIME = {
    "time": "the latest interactions are held out, as in service",
    "leave_last_out": "each user's latest interaction is held out",
}


def lists(content: Content) -> str:
    """Return the section on how good the lists are."""
    measured = content.measurements.ranking
    comparison = measured.comparison
    if not measured.users:
        return html.section(
            _TITLE,
            "Not judged: no user liked an item, among the held-out interactions, that they had not "
            "seen in training.",
            html.note(" ".join(_notes(content))),
        )
    cards = [
        html.figure(
            FAMILY_NAMES[family][:1].upper() + FAMILY_NAMES[family][1:],
            charts.ranking(comparison, family, ranking_metrics.CUTOFFS),
            caption,
        )
        for family, caption in (
            ("ndcg", "Hits count more the higher they stand in the list; 1 is a perfect list."),
            ("recall", "Share of what a user liked that the list shows."),
            ("hit_rate", "Share of users whose list shows at least one thing they liked."),
        )
    ]
    metrics = [of_lists(family, k) for family in _FAMILIES for k in ranking_metrics.CUTOFFS]
    everything = html.folded("All ranking metrics", tables.metric_table(comparison, metrics))
    return html.section(
        _TITLE,
        f"Every one of the {measured.items:,} items competes, without those that a user had in "
        f"training; {measured.users:,} users with a liked item among the held-out interactions. "
        "Those are what users happened to try, mostly popular items, which favours popularity "
        "here.",
        html.figure(
            metric_name(_FIRST),
            bars.of_systems(comparison, _FIRST),
            "Lines: 95 % intervals. What counts is the interval of the difference, below.",
        )
        + html.card("What that means", html.bullets(tables.standing(comparison, _FIRST, _RIVALS)))
        + html.legend(tables.systems(comparison))
        + html.grid(cards)
        + html.grid(map(_example, content.evaluation.examples))
        + everything
        + html.note(" ".join(_notes(content))),
    )


def strangers(content: Content) -> str:
    """Return the section on users of whom training has no row; empty where it does not apply."""
    measured = content.measurements.ranking
    if not measured.strangers:
        return ""
    if not any(group.users for group in measured.strangers.values()):
        return html.section(
            "Strangers",
            "Nobody could be asked: no users were kept out of training (split.strangers), or none "
            "of them liked enough items.",
            html.note("Lists for newcomers are not measured in this run."),
        )
    metrics = [METRICS[name] for name in ranking.STRANGERS_METRICS]
    known = (f"{measured.users:,} users whom training knows", measured.users, measured.comparison)
    groups = [known] + [
        (f"strangers by {given} of their items: {group.users:,}", group.users, group.comparison)
        for given, group in measured.strangers.items()
    ]
    shown = tables.systems(measured.comparison)
    cards = []
    for metric in metrics:
        rows = [
            [html.cell(name), *tables.value_cells(comparison, metric, shown, coloured=True)]
            if comparison.systems
            else [html.cell(name, "too few to compare")]
            for name, _, comparison in groups
        ]
        head = ["users", *(SYSTEM_NAMES[system] for system in shown)]
        cards.append(html.card(metric_name(metric), html.table(head, rows)))
    return html.section(
        "Users whom training knows, and strangers",
        "No row of a stranger was trained on, by any of the systems. A list made from a few of the "
        f"items that one liked should show the others, at least {FEWEST_LEFT}. Green: this model "
        "is significantly better than the system; red: significantly worse. The rows are different "
        "users with more or fewer items to find, so compare within a row.",
        "".join(cards),
    )


def _example(example: Example) -> str:
    """Return a card with one user's list, hits marked."""
    shown = "".join(
        f'<li class="hit">{html.text(name)} <b>hit</b></li>'
        if hit
        else f"<li>{html.text(name)}</li>"
        for name, hit in example.shown
    )
    hits = sum(hit for _, hit in example.shown)
    return html.card(
        f"User {example.user}",
        f'<p class="soft small">liked last: {html.text(" · ".join(example.history) or "nothing")}'
        f"</p><ol>{shown}</ol>"
        f'<p class="soft small">{hits} of {example.wanted} held-out likes; '
        f"{html.text(metric_name(_FIRST))} {example.ndcg:.4f}</p>",
    )


def _notes(content: Content) -> Iterator[str]:
    if content.evaluation.examples:
        yield (
            "The lists shown are those of the users at the upper quartile of NDCG, the middle and "
            "the lower quartile."
        )
    for system, reason in content.measurements.ranking.not_compared.items():
        name = SYSTEM_NAMES[system]
        yield f"{name[:1].upper()}{name[1:]} is not compared: {reason}."
    if content.manifest.split.by_time:
        yield (
            f"The split is by time: {_BY_TIME[content.manifest.split.strategy]}. "
            '{"split": {"strategy": "random"}} in the execution input judges a model by '
            "interactions of any time, and a second one by time beside it."
        )
