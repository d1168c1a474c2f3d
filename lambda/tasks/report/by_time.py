"""The report's section on the split by time, beside the random one."""

from collections.abc import Iterator

from tasks.evaluation.comparison import System
from tasks.evaluation.measurements import Ranking
from tasks.report import html, tables
from tasks.report.content import Content
from tasks.report.names import SYSTEM_NAMES, metric_name
from tasks.run.metric import of_lists

_TITLE = "By time, beside the random split"
_METRIC = of_lists("ndcg", 10)
_SHOWN: tuple[System, ...] = ("model", "ease", "item_knn", "baseline")


def by_time(content: Content) -> str:
    """Return the section; empty where the data have no times, or the split itself is by time."""
    manifest, measured = content.manifest, content.measurements.ranking
    if manifest.columns.timestamp is None or manifest.split.by_time:
        return ""
    if measured.by_time is None:
        return html.section(_TITLE, f"Not judged by time: {measured.not_by_time}.", "")
    splits = {"at random": measured, "by time": measured.by_time}
    rows = [_row(name, ranking) for name, ranking in splits.items()]
    head = ["split", "users", *(SYSTEM_NAMES[system] for system in _SHOWN)]
    return html.section(
        _TITLE,
        "A random split interpolates: a like may be older than what its list was made from, which "
        "flatters whatever learns from likes (Ji et al., 2023). A split by time "
        f"holds out the latest {manifest.split.test_fraction:.0%} and asks what happened next, as "
        "service does. A second model was trained on the earlier interactions, to judge only: it "
        "is never deployed, and the gate does not look at it.",
        html.card(metric_name(_METRIC), html.table(head, rows))
        + html.card(
            "What the split by time says", html.bullets(_sentences(measured, measured.by_time))
        ),
    )


def _row(name: str, ranking: Ranking) -> list[str]:
    cells = tables.value_cells(ranking.comparison, _METRIC, _SHOWN, coloured=True)
    return [html.cell(name), html.cell(f"{ranking.users:,}"), *cells]


def _sentences(at_random: Ranking, by_time: Ranking) -> Iterator[str]:
    if not by_time.users:
        yield "Nobody could be judged: no user has likes both before the split and after it."
        return
    yield from tables.standing(by_time.comparison, _METRIC, _SHOWN)
    yield (
        f"{by_time.users:,} users have likes before and after the split, against "
        f"{at_random.users:,} of the random one: they are other users with other items to find, "
        "so compare within a row."
    )
