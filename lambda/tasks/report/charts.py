"""The report's charts, each from numbers to SVG."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fm import calibration, curves
from tasks.report.names import METRICS, SYSTEMS
from tasks.report.svg import Plot
from tasks.run.training_log import Epoch

Floats = npt.NDArray[np.float32]
Scores = Mapping[str, Floats]
_HISTOGRAM_BINS = 40


def learning(epochs: Sequence[Epoch], name: str, metric: str, held_out: float | None) -> str:
    """A training metric by epoch, and its value on the held-out rows as a line across.

    `name` is what people call the `metric`.
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


def roc(labels: Floats, scores: Scores) -> str:
    """ROC curves of all systems."""
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
        plot.line(_points(x, y), f"s-{system}", SYSTEMS[system])
    return plot.render()


def precision_recall(labels: Floats, scores: Scores) -> str:
    """Precision-recall curves of all systems."""
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
        plot.line(_points(x, y), f"s-{system}", SYSTEMS[system])
    return plot.render()


def reliability(labels: Floats, scores: Scores) -> str:
    """Promised against observed share of label 1, of the model and the live one."""
    plot = Plot(
        "calibration",
        x=(0, 1),
        y=(0, 1),
        x_title="predicted probability",
        y_title="share of label 1",
    )
    plot.line([(0, 0), (1, 1)], "s-chance dashed", "perfect")
    for system in (name for name in ("live", "model") if name in scores):
        found = calibration.reliability(labels, scores[system])
        rows = dict(zip(found.predicted.tolist(), found.rows.tolist(), strict=True))
        points = _points(found.predicted, found.observed)
        plot.line(points, f"s-{system}", SYSTEMS[system])
        plot.dots(
            points,
            f"s-{system}",
            lambda x, y, rows=rows: f"{rows[x]:,} rows near {x:.2f}: {y:.2f} have label 1",  # type: ignore[misc]
        )
    return plot.render()


def score_distribution(labels: Floats, scores: Floats) -> str:
    """How the model's scores spread over the rows of each label."""
    edges = np.linspace(float(scores.min()), float(scores.max()), _HISTOGRAM_BINS + 1)
    parts = {name: np.histogram(scores[labels == name], edges)[0] for name in (0, 1)}
    shares = {name: counts / max(1, counts.sum()) for name, counts in parts.items()}
    plot = Plot(
        "distribution of scores by label",
        x=(float(edges[0]), float(edges[-1])),
        y=(0, 1.05 * float(max(share.max() for share in shares.values()))),
        x_title="predicted probability",
        y_title="share of the label's rows",
    )
    for name, share in shares.items():
        title = f"label {name}: {int(parts[name].sum()):,} rows"
        plot.steps(edges.tolist(), share.tolist(), f"l-{name}", title)
    return plot.render()


def predicted_against_actual(labels: Floats, predictions: Floats) -> str:
    """A regressor's mean label by tenth of its predictions."""
    order = np.argsort(predictions, kind="stable")
    groups = [group for group in np.array_split(order, 20) if len(group)]
    points = [(float(predictions[g].mean()), float(labels[g].mean())) for g in groups]
    ends = min(map(min, points)), max(map(max, points))
    plot = Plot(
        "predicted against actual", x=ends, y=ends, x_title="predicted", y_title="mean label"
    )
    plot.line([(ends[0], ends[0]), (ends[1], ends[1])], "s-chance dashed", "perfect")
    plot.line(points, "s-model", SYSTEMS["model"])
    plot.dots(points, "s-model", lambda x, y: f"predicted {x:.3f}, actual {y:.3f}")
    return plot.render()


def errors(labels: Floats, predictions: Floats) -> str:
    """The distribution of a regressor's errors."""
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


def ranking(table: Mapping[str, Any], metric: str, cutoffs: Sequence[int]) -> str:
    """A ranking metric of all systems at each cutoff, with its 95 % intervals."""
    systems = [system for system in SYSTEMS if system in table]
    intervals = table["intervals"]
    top = max(intervals[system][f"{metric}@{k}"][1] for system in systems for k in cutoffs)
    plot = Plot(
        f"{METRICS[metric]} of the lists",
        x=(-0.5, len(cutoffs) - 0.5),
        y=(0, 1.05 * top or 1),
        x_title="length of the list",
        y_title=METRICS[metric],
        x_names=[str(k) for k in cutoffs],
    )
    width = 0.8 / len(systems)
    for place, k in enumerate(cutoffs):
        for number, system in enumerate(systems):
            x = place + (number - (len(systems) - 1) / 2) * width
            value, (low, high) = table[system][f"{metric}@{k}"], intervals[system][f"{metric}@{k}"]
            title = f"{SYSTEMS[system]} at {k}: {value:.4f} ({low:.4f} to {high:.4f})"
            plot.bar(x, 0.86 * width, value, f"s-{system}", title)
            plot.whisker(x, low, high, "ink", title)
    return plot.render()


def _last_first(scores: Scores) -> list[str]:
    """The model last, so that its line lies on top."""
    return [system for system in reversed(SYSTEMS) if system in scores]


def _points(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> list[tuple[float, float]]:
    return list(zip(x.tolist(), y.tolist(), strict=True))
