"""Metrics on held-out data side by side: of scores, and of lists."""

from collections.abc import Iterable, Mapping
from typing import cast

import numpy as np
from rich.markup import escape
from rich.table import Table

from commands.console import console
from commands.execution import Evaluation, Metrics, Ranking
from data_prep.settings import Purpose
from fm import metrics
from fm.arrays import Float32s

_OF_LISTS = ("ndcg@10", "recall@10", "hit_rate@10")
_BY_TIME = "ndcg@10"  # of the second model, which was trained by time
_LIST_MAKERS = {
    "model": "model",
    "ease": "EASE",
    "item_knn": "item-kNN",
    "baseline": "popularity",
}


def scored(purpose: Purpose, labels: Float32s, scores: Float32s) -> Metrics:
    """Return the metrics of scores, shape (n,), against labels, shape (n,)."""
    if purpose == "rating":
        return {"rmse": metrics.rmse(labels, scores), "mae": metrics.mae(labels, scores)}
    predicted = (scores >= 0.5).astype(np.float32)
    return {
        "auc": metrics.auc(labels, scores),
        "log_loss": metrics.log_loss(labels, scores),
        "accuracy": metrics.accuracy(labels, predicted),
        "f1": metrics.f1(labels, predicted),
    }


def show_evaluation(evaluation: Evaluation) -> None:
    """Print how the model compares by what its purpose asks for: its lists, or its scores."""
    if evaluation["purpose"] == "ranking":
        show_lists(evaluation["ranking"])
    else:
        columns = {"model": evaluation["model"], "popularity baseline": evaluation["baseline"]}
        show_scores(evaluation["rows"], columns)


def show_scores(rows: int, columns: Mapping[str, Metrics]) -> None:
    """Print the metrics of each column's scores; the first column has all metrics."""
    first, *_ = columns.values()
    _show(f"Evaluation on {rows:,} held-out rows", columns, first)


def show_lists(ranking: Ranking, others: Mapping[str, Metrics] | None = None) -> None:
    """Print the metrics of each system's lists, and of `others`, by what they are called."""
    columns = _by_title(ranking)
    if not columns:
        console.print("No user has a held-out choice by which lists could be judged.")
        return
    names = list(_OF_LISTS)
    if "by_time" in ranking:
        second = _by_title(ranking["by_time"])
        names.append(f"{_BY_TIME} by time, {ranking['by_time']['users']:,} users")
        columns = {
            title: {**metrics, names[-1]: second.get(title, {}).get(_BY_TIME)}
            for title, metrics in columns.items()
        }
    title = f"Lists of 10 for {ranking['users']:,} users, from {ranking['items']:,} items"
    _show(title, {**columns, **(others or {})}, names)
    if "not_by_time" in ranking:
        console.print(f"Not judged by time: {escape(ranking['not_by_time'])}.")


def _by_title(ranking: Ranking) -> dict[str, Metrics]:
    systems = cast(Mapping[str, Metrics], ranking)
    return {title: systems[key] for key, title in _LIST_MAKERS.items() if key in systems}


def _show(title: str, columns: Mapping[str, Metrics], names: Iterable[str]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("metric")
    for heading in columns:
        table.add_column(heading, justify="right")
    for name in names:
        values = [column.get(name) for column in columns.values()]
        table.add_row(name, *("" if value is None else f"{value:.4f}" for value in values))
    console.print(table)
