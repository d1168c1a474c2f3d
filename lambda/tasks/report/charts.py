"""The report's charts, each from numbers to SVG."""

from collections.abc import Mapping, Sequence

import numpy as np

from fm import calibration, curves
from fm.arrays import Float32s, Float64s
from tasks.evaluation.comparison import Comparison, System
from tasks.report.names import FAMILY_NAMES, SYSTEM_NAMES
from tasks.report.svg import Plot
from tasks.run.metric import of_lists
from tasks.run.training_log import Epoch

Scores = Mapping[System, Float32s]
_HISTOGRAM_BINS = 40


def learning(epochs: Sequence[Epoch], name: str, metric: str, held_out: float | None) -> str:
    """Draw a training metric by epoch, and its value on the held-out rows as a line across.

    Args:
        epochs: at least one.
        name: what people call the metric.
        metric: its key in the epochs' metrics.
        held_out: its value on the held-out rows; None for no line.
    """
    points = [(float(epoch.number), epoch.metrics[metric]) for epoch in epochs]
    values = [value for _, value in points] + ([] if held_out is None else [held_out])
    margin = 0.08 * (max(values) - min(values)) or 0.05
    plot = Plot(
        f"training {name} by epoch",
        x=(points[0][0], max(points[-1][0], points[0][0] + 1)),
        y=(min(values) - margin, max(values) + margin),
        x_title="epoch",
        y_title=name,
        whole_x=True,
    )
    if held_out is not None:
        across = [(points[0][0], held_out), (max(points[-1][0], points[0][0] + 1), held_out)]
        plot.line(across, "s-held-out dashed", f"held-out rows: {held_out:.4f}")
    plot.line(points, "s-model", f"training rows: {name}")
    plot.dots(points, "s-model", lambda x, y: f"epoch {x:.0f}: {y:.4f}")
    return plot.render()


def roc(labels: Float32s, scores: Scores) -> str:
    """Draw the ROC curves of all systems."""
    plot = Plot(
        "ROC curves",
        x=(0, 1),
        y=(0, 1),
        x_title="false positive rate",
        y_title="true positive rate",
    )
    plot.line([(0, 0), (1, 1)], "s-chance dashed", "chance")
    for system in _last_first(scores):
        x, y = curves.thin(*curves.roc(labels, scores[system]))
        plot.line(_points(x, y), f"s-{system}", SYSTEM_NAMES[system])
    return plot.render()


def precision_recall(labels: Float32s, scores: Scores) -> str:
    """Draw the precision-recall curves of all systems."""
    share = float(labels.mean())
    plot = Plot(
        "precision-recall curves", x=(0, 1), y=(0, 1), x_title="recall", y_title="precision"
    )
    plot.line([(0, share), (1, share)], "s-chance dashed", "chance")
    for system in _last_first(scores):
        recall, precision = curves.precision_recall(labels, scores[system])
        # The first thresholds hold so few rows that their precision only jumps.
        shown = recall >= min(0.01, recall[-1])
        x, y = curves.thin(recall[shown], precision[shown])
        plot.line(_points(x, y), f"s-{system}", SYSTEM_NAMES[system])
    return plot.render()


def reliability(labels: Float32s, scores: Scores) -> str:
    """Draw predicted against observed share of label 1, of the model and the live one."""
    plot = Plot(
        "calibration",
        x=(0, 1),
        y=(0, 1),
        x_title="predicted probability",
        y_title="share of label 1",
    )
    plot.line([(0, 0), (1, 1)], "s-chance dashed", "perfect")
    both: tuple[System, System] = ("live", "model")
    for system in (name for name in both if name in scores):
        bins = calibration.reliability(labels, scores[system])
        rows = dict(zip(bins.predicted.tolist(), bins.rows.tolist(), strict=True))
        points = _points(bins.predicted, bins.observed)
        plot.line(points, f"s-{system}", SYSTEM_NAMES[system])
        plot.dots(
            points,
            f"s-{system}",
            lambda x, y, rows=rows: f"{rows[x]:,} rows near {x:.2f}: {y:.2f} have label 1",  # type: ignore[misc]
        )
    return plot.render()


def score_distribution(labels: Float32s, scores: Float32s) -> str:
    """Draw the distribution of the model's scores over the rows of each label."""
    edges = np.linspace(float(scores.min()), float(scores.max()), _HISTOGRAM_BINS + 1)
    counts = {label: np.histogram(scores[labels == label], edges)[0] for label in (0, 1)}
    shares = {label: rows / max(1, rows.sum()) for label, rows in counts.items()}
    plot = Plot(
        "distribution of scores by label",
        x=(float(edges[0]), float(edges[-1])),
        y=(0, 1.05 * float(max(share.max() for share in shares.values()))),
        x_title="predicted probability",
        y_title="share of the label's rows",
    )
    for label, share in shares.items():
        title = f"label {label}: {int(counts[label].sum()):,} rows"
        plot.steps(edges.tolist(), share.tolist(), f"l-{label}", title)
    return plot.render()


def predicted_against_actual(labels: Float32s, predictions: Float32s) -> str:
    """Draw a regressor's mean label by twentieth of its predictions."""
    order = np.argsort(predictions, kind="stable")
    twentieths = [rows for rows in np.array_split(order, 20) if len(rows)]
    points = [(float(predictions[r].mean()), float(labels[r].mean())) for r in twentieths]
    ends = min(map(min, points)), max(map(max, points))
    plot = Plot(
        "predicted against actual", x=ends, y=ends, x_title="predicted", y_title="mean label"
    )
    plot.line([(ends[0], ends[0]), (ends[1], ends[1])], "s-chance dashed", "perfect")
    plot.line(points, "s-model", SYSTEM_NAMES["model"])
    plot.dots(points, "s-model", lambda x, y: f"predicted {x:.3f}, actual {y:.3f}")
    return plot.render()


def errors(labels: Float32s, predictions: Float32s) -> str:
    """Draw the distribution of a regressor's errors."""
    error = predictions - labels
    edges = np.linspace(float(error.min()), float(error.max()), _HISTOGRAM_BINS + 1)
    share = np.histogram(error, edges)[0] / len(error)
    plot = Plot(
        "distribution of errors",
        x=(float(edges[0]), float(edges[-1])),
        y=(0, 1.05 * float(share.max())),
        x_title="predicted minus actual",
        y_title="share of rows",
    )
    plot.steps(edges.tolist(), share.tolist(), "l-1", f"{len(error):,} rows")
    return plot.render()


def ranking(comparison: Comparison, family: str, cutoffs: Sequence[int]) -> str:
    """Draw a ranking metric of all systems at each cutoff, with its 95 % intervals.

    Args:
        comparison: of the lists of at least one user.
        family: the metric without the cutoff.
        cutoffs: lengths of the lists.
    """
    systems = [system for system in SYSTEM_NAMES if system in comparison.systems]
    bars = {
        (system, k): _bar(comparison, system, of_lists(family, k).name)
        for k in cutoffs
        for system in systems
    }
    top = max(high for _, _, high in bars.values())
    plot = Plot(
        f"{FAMILY_NAMES[family]} of the lists",
        x=(-0.5, len(cutoffs) - 0.5),
        y=(0, 1.05 * top or 1),
        x_title="length of the list",
        y_title=FAMILY_NAMES[family],
        x_names=[str(k) for k in cutoffs],
    )
    width = 0.8 / len(systems)
    for place, k in enumerate(cutoffs):
        for number, system in enumerate(systems):
            x = place + (number - (len(systems) - 1) / 2) * width
            value, low, high = bars[system, k]
            title = f"{SYSTEM_NAMES[system]} at {k}: {value:.4f} ({low:.4f} to {high:.4f})"
            plot.bar(x, 0.86 * width, value, f"s-{system}", title)
            plot.whisker(x, low, high, "ink", title)
    return plot.render()


def _bar(comparison: Comparison, system: System, name: str) -> tuple[float, float, float]:
    """Return a metric that every list has, and the ends of its interval."""
    value, interval = comparison.value(system, name), comparison.interval(system, name)
    if value is None or interval is None or interval[0] is None or interval[1] is None:
        raise ValueError(f"{name} of {system} is not defined")
    return value, interval[0], interval[1]


def _last_first(scores: Scores) -> list[System]:
    """Return the systems, the model last, so that its line lies on top."""
    return [system for system in reversed(list(SYSTEM_NAMES)) if system in scores]


def _points(x: Float64s, y: Float64s) -> list[tuple[float, float]]:
    return list(zip(x.tolist(), y.tolist(), strict=True))
