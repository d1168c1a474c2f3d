"""The report's sections, each from the run's numbers to HTML."""

from collections.abc import Iterator, Sequence

from fm import ranking_metrics
from fm.model import BINARY
from tasks.evaluation.comparison import Comparison, Difference, System, Value
from tasks.report import charts, html
from tasks.report.content import Content
from tasks.report.names import FAMILY_NAMES, SYSTEM_NAMES, metric_name
from tasks.run.metric import BREADTH_FAMILIES, METRICS, Metric, of_lists

_UNKNOWN = "n/a"
_LIST_FAMILIES = (*ranking_metrics.PER_USER, *BREADTH_FAMILIES)
_LIVE_CUTOFF = 10  # of the lists that are compared with the live model's
_LEARNED = ("log_loss", "accuracy", "rmse", "mae")


def scoring(content: Content) -> str:
    """Return the section on how all systems score the held-out rows."""
    measurements = content.measurements
    comparison = measurements.scoring
    table = html.card("Metrics with 95 % intervals", _metric_table(comparison, _metrics(content)))
    return html.section(
        "Scoring held-out rows",
        f"{measurements.rows:,} rows that training never saw, scored by this model and by what it "
        "has to beat.",
        html.legend(_systems(comparison)) + table + html.grid(_curves(content), "pairs"),
    )


def _curves(content: Content) -> Iterator[str]:
    labels, scores = content.evaluation.labels, content.evaluation.scores
    if content.measurements.predictor_type != BINARY:
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
    if content.measurements.scoring.value("model", "auc") is not None:
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
    """Return the section on how good the lists are; empty when no user could be judged."""
    ranking = content.measurements.ranking
    comparison = ranking.comparison
    if not ranking.users:
        return ""
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
    metrics = [of_lists(family, k) for family in _LIST_FAMILIES for k in ranking_metrics.CUTOFFS]
    everything = html.folded("All ranking metrics", _metric_table(comparison, metrics))
    return html.section(
        "Lists of recommendations",
        f"Every one of the {ranking.items:,} items competes, without those that a user had in "
        f"training; {ranking.users:,} users with a liked item among the held-out rows. Those rows "
        "are what users happened to try, mostly popular items, which favours popularity here.",
        html.legend(_systems(comparison)) + html.grid(cards) + everything,
    )


def against_live(content: Content) -> str:
    """Return the section on what changes for users; empty when nothing is live."""
    scoring_comparison = content.measurements.scoring
    ranking = content.measurements.ranking
    if "live" not in scoring_comparison.systems:
        return ""
    rows = [_difference_row(scoring_comparison, metric) for metric in _metrics(content)]
    tiles = []
    if ranking.overlap_with_live is not None:
        families = ranking_metrics.PER_USER
        listed = [of_lists(family, _LIVE_CUTOFF) for family in families]
        rows += [_difference_row(ranking.comparison, metric) for metric in listed]
        tiles.append(
            html.tile(
                "same items in both top tens",
                f"{ranking.overlap_with_live:.0%}",
                "mean over users, whatever the order",
            )
        )
    head = ("metric", "live", "this model", "better by (95 % interval)")
    body = html.card("Paired differences", html.table(head, rows))
    return html.section(
        "Against the live model",
        "On the same rows and users. The live model may have been trained on some of these rows, "
        "which flatters it.",
        body + html.grid(tiles),
    )


def _difference_row(comparison: Comparison, metric: Metric) -> list[str]:
    difference = comparison.difference("live", metric.name) or Difference(None, None, None)
    css = ""
    if difference.low is not None and difference.high is not None:
        css = "good" if difference.low > 0 else "bad" if difference.high < 0 else ""
    interval = f"{_number(difference.low, '+')} to {_number(difference.high, '+')}"
    return [
        html.cell(metric_name(metric)),
        html.cell(_number(comparison.value("live", metric.name))),
        html.cell(_number(comparison.value("model", metric.name))),
        html.cell(_number(difference.by, "+"), interval, css),
    ]


def learning(content: Content) -> str:
    """Return the section with the learning curve by epoch; empty when there is none."""
    figures = []
    for metric in _LEARNED:
        if content.epochs and all(metric in epoch.metrics for epoch in content.epochs):
            name = FAMILY_NAMES[metric]
            held_out = content.measurements.scoring.value("model", metric)
            svg = charts.learning(content.epochs, name, metric, held_out)
            figures.append(
                html.figure(
                    f"Training {name}",
                    svg,
                    "By epoch, on the training rows. Dashed: the finished model on the held-out "
                    "rows.",
                )
            )
    return html.section("Learning", "", html.grid(figures, "pairs"))


def facts(content: Content) -> str:
    """Return the section on data, settings, time and cost."""
    cards = [
        html.card("Data", html.definitions(content.data())),
        html.card("Hyperparameters", html.definitions(content.hyperparameters())),
        html.card("Time and cost", html.definitions(content.time_and_cost())),
        html.card("Execution input", f"<pre>{html.text(content.input_text())}</pre>"),
    ]
    return html.section("Data, settings, cost", "", html.grid(cards, "pairs"))


def _metric_table(comparison: Comparison, metrics: Sequence[Metric]) -> str:
    systems = _systems(comparison)
    rows = []
    for metric in metrics:
        cells = [html.cell(metric_name(metric))]
        for system in systems:
            interval = comparison.interval(system, metric.name)
            note = f"{_number(interval[0])} to {_number(interval[1])}" if interval else ""
            cells.append(html.cell(_number(comparison.value(system, metric.name)), note))
        rows.append(cells)
    return html.table(["metric", *(SYSTEM_NAMES[system] for system in systems)], rows)


def _systems(comparison: Comparison) -> list[System]:
    return [system for system in SYSTEM_NAMES if system in comparison.systems]


def _metrics(content: Content) -> list[Metric]:
    return [METRICS[name] for name in content.measurements.scoring.systems["model"].values]


def _number(value: Value, sign: str = "") -> str:
    return _UNKNOWN if value is None else format(value, f"{sign}.4f")
