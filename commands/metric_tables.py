"""Metrics of a classifier on held-out rows, beside those that it is compared with."""

from collections.abc import Mapping

import numpy as np
from rich.table import Table

from commands.console import console
from commands.execution import Metrics
from commands.live_endpoint import HeldOut
from data_prep.encoder import Encoder
from data_prep.synthetic import PlantedFM
from fm import metrics
from fm.arrays import Float32s


def classifier_metrics(labels: Float32s, scores: Float32s) -> Metrics:
    """Return the metrics of a classifier's scores, shape (n,), against labels, shape (n,)."""
    predicted = (scores >= 0.5).astype(np.float32)
    return {
        "auc": metrics.auc(labels, scores),
        "log_loss": metrics.log_loss(labels, scores),
        "accuracy": metrics.accuracy(labels, predicted),
        "f1": metrics.f1(labels, predicted),
    }


def best_attainable(planted: PlantedFM, encoder: Encoder, held_out: HeldOut) -> Metrics:
    """Return the metrics of the true probabilities on the held-out rows: no model does better.

    Rows of users or items that training never saw are left out: their names are not kept.
    """
    names = dict(zip(encoder.user_columns.tolist(), encoder.user_ids, strict=True))
    names |= dict(zip(encoder.item_columns.tolist(), encoder.item_ids, strict=True))
    keys = held_out.rows.indices.reshape(-1, 2)  # a row is its user's column and its item's
    known = np.array([user in names and item in names for user, item in keys.tolist()])
    users = [names[user] for user in keys[known, 0].tolist()]
    items = [names[item] for item in keys[known, 1].tolist()]
    truth = planted.probability(users, items).astype(np.float32)
    return classifier_metrics(held_out.labels[known], truth)


def show_metrics(rows: int, columns: Mapping[str, Metrics]) -> None:
    """Print the metrics of each column's model side by side; the first column has them all."""
    table = Table(title=f"Evaluation on {rows:,} held-out rows", title_justify="left")
    table.add_column("metric")
    for title in columns:
        table.add_column(title, justify="right")
    first, *_ = columns.values()
    for metric in first:
        values = [column.get(metric) for column in columns.values()]
        table.add_row(metric, *("" if value is None else f"{value:.4f}" for value in values))
    console.print(table)
