"""The report's sections, each from the run's numbers to HTML."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fm import ranking_metrics
from fm.model import BINARY
from tasks.report import charts, html
from tasks.report.content import Content
from tasks.report.names import METRICS, SYSTEMS, metric_name

_UNKNOWN = "n/a"


def scoring(content: Content) -> str:
    """How the held-out rows are scored, by all systems."""
    evaluation = content.evaluation
    table = html.card("Metrics with 95 % intervals", _metric_table(evaluation, _metrics(content)))
    return html.section(
        "Scoring held-out rows",
        f"{evaluation['rows']:,} rows that training never saw, scored by this model and by what it "
        "has to beat.",
        html.legend(_systems(evaluation)) + table + html.grid(_curves(content), "pairs"),
    )


def _curves(content: Content) -> Iterator[str]:
    labels, scores = content.labels, content.scores
    if content.evaluation["predictor_type"] != BINARY:
        yield html.figure(
            "Predicted against actual",
            charts.predicted_against_actual(labels, scores["model"]),
            "Mean label of twenty groups of rows with similar predictions; on the dashed line the "
            "prediction is right on average.",
        )
        yield html.figure(
            "Errors", charts.errors(labels, scores["model"]), "Where the mass lies, errors lie."
        )
        return
    if content.evaluation["model"]["auc"] is not None:
        yield html.figure(
            "ROC",
            charts.roc(labels, scores),
            "The further above the dashed line, the better positives are told from negatives.",
        )
        yield html.figure(
            "Precision and recall",
            charts.precision_recall(labels, scores),
            "Dashed: the share of label 1, which guessing would reach.",
        )
    yield html.figure(
        "Calibration",
        charts.reliability(labels, scores),
        "On the dashed line, a score of 0.7 means that 70 % of such rows have label 1.",
    )
    yield html.figure(
        "Scores by label",
        charts.score_distribution(labels, scores["model"]) + _label_legend(),
        "The less the two overlap, the better the model separates them.",
    )


def _label_legend() -> str:
    return '<ul class="legend"><li class="l-1">label 1</li><li class="l-0">label 0</li></ul>'


def lists(content: Content) -> str:
    """How good the lists are."""
    table = content.evaluation["ranking"]
    if not table["users"]:
        return ""
    cards = [
        html.figure(
            METRICS[metric][:1].upper() + METRICS[metric][1:],
            charts.ranking(table, metric, ranking_metrics.CUTOFFS),
            caption,
        )
        for metric, caption in (
            ("ndcg", "Hits count more the higher they stand in the list; 1 is a perfect list."),
            ("recall", "Share of what a user liked that the list shows."),
            ("hit_rate", "Share of users whose list shows at least one thing they liked."),
        )
    ]
    rows = [f"{metric}@{k}" for metric in _LIST_METRICS for k in ranking_metrics.CUTOFFS]
    everything = html.folded("All ranking metrics", _metric_table(table, rows))
    return html.section(
        "Lists of recommendations",
        f"Every one of the {table['items']:,} items competes, without those that a user had in "
        f"training; {table['users']:,} users with a liked item among the held-out rows. Those rows "
        "are what users happened to try, mostly popular items, which favours popularity here.",
        html.legend(_systems(table)) + html.grid(cards) + everything,
    )


_LIST_METRICS = (*ranking_metrics.PER_USER, "coverage", "novelty")


def against_live(content: Content) -> str:
    """What changes for users when this model replaces the live one."""
    evaluation = content.evaluation
    if "live" not in evaluation:
        return ""
    table = evaluation["ranking"]
    rows = [_difference_row(evaluation, metric) for metric in _metrics(content)]
    overlap = ""
    if table["users"]:
        rows += [_difference_row(table, f"{metric}@10") for metric in ranking_metrics.PER_USER]
        share = table["overlap_with_live@10"]
        overlap = html.tile(
            "same items in both top tens", f"{share:.0%}", "mean over users, whatever the order"
        )
    head = ("metric", "live", "this model", "better by (95 % interval)")
    body = html.card("Paired differences", html.table(head, rows))
    return html.section(
        "Against the live model",
        "On the same rows and users. The live model may have been trained on some of these rows, "
        "which flatters it.",
        body + html.grid([overlap]),
    )


def _difference_row(table: Mapping[str, Any], metric: str) -> list[str]:
    difference = table["differences"]["live"][metric]
    css = ""
    if difference["low"] is not None:
        css = "good" if difference["low"] > 0 else "bad" if difference["high"] < 0 else ""
    interval = f"{_number(difference['low'], '+')} to {_number(difference['high'], '+')}"
    return [
        html.cell(metric_name(metric)),
        html.cell(_number(table["live"][metric])),
        html.cell(_number(table["model"][metric])),
        html.cell(_number(difference["by"], "+"), interval, css),
    ]


def learning(content: Content) -> str:
    """The learning curve by epoch."""
    figures = []
    measured = content.evaluation["model"]
    for metric in ("log_loss", "accuracy", "rmse", "mae"):
        if content.epochs and all(metric in epoch.metrics for epoch in content.epochs):
            svg = charts.learning(content.epochs, METRICS[metric], metric, measured.get(metric))
            figures.append(
                html.figure(
                    f"Training {METRICS[metric]}",
                    svg,
                    "By epoch, on the training rows. Dashed: the finished model on the held-out "
                    "rows.",
                )
            )
    return html.section("Learning", "", html.grid(figures, "pairs"))


def facts(content: Content) -> str:
    """Data, settings, time and cost."""
    cards = [
        html.card("Data", html.definitions(content.data())),
        html.card("Hyperparameters", html.definitions(content.hyperparameters())),
        html.card("Time and cost", html.definitions(content.time_and_cost())),
        html.card("Execution input", f"<pre>{html.text(content.input_text())}</pre>"),
    ]
    return html.section("Data, settings, cost", "", html.grid(cards, "pairs"))


def _metric_table(table: Mapping[str, Any], metrics: Sequence[str]) -> str:
    systems = _systems(table)
    rows = []
    for metric in metrics:
        cells = [html.cell(metric_name(metric))]
        for system in systems:
            interval = table["intervals"][system].get(metric)
            note = f"{_number(interval[0])} to {_number(interval[1])}" if interval else ""
            cells.append(html.cell(_number(table[system].get(metric)), note))
        rows.append(cells)
    return html.table(["metric", *(SYSTEMS[system] for system in systems)], rows)


def _systems(table: Mapping[str, Any]) -> list[str]:
    return [system for system in SYSTEMS if system in table]


def _metrics(content: Content) -> list[str]:
    return list(content.evaluation["model"])


def _number(value: float | None, sign: str = "") -> str:
    return _UNKNOWN if value is None else format(value, f"{sign}.4f")
