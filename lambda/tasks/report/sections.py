"""The report's sections, each from the run's numbers to HTML."""

from collections.abc import Iterator

from fm import ranking_metrics
from fm.model import BINARY
from tasks.evaluation.comparison import Comparison, Difference
from tasks.report import charts, html, tables
from tasks.report.content import Content
from tasks.report.names import FAMILY_NAMES, metric_name
from tasks.run.metric import METRICS, Metric, of_lists

_LIVE_CUTOFF = 10  # of the lists that are compared with the live model's
_LEARNED = ("log_loss", "accuracy", "rmse", "mae")


def scoring(content: Content) -> str:
    """Return the section on how all systems score the held-out rows."""
    measurements = content.measurements
    comparison = measurements.scoring
    table = html.card(
        "Metrics with 95 % intervals", tables.metric_table(comparison, _metrics(content))
    )
    return html.section(
        "Scoring held-out rows",
        f"{measurements.rows:,} rows that training never saw, scored by this model and by what it "
        "has to beat.",
        html.legend(tables.systems(comparison)) + table + html.grid(_curves(content), "pairs"),
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
    ends = tables.interval((difference.low, difference.high), "+")
    return [
        html.cell(metric_name(metric)),
        html.cell(tables.number(comparison.value("live", metric.name))),
        html.cell(tables.number(comparison.value("model", metric.name))),
        html.cell(tables.number(difference.by, "+"), ends, tables.colour(difference)),
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


def _metrics(content: Content) -> list[Metric]:
    return [METRICS[name] for name in content.measurements.scoring.systems["model"].values]
