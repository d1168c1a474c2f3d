"""Shows numbers: the live endpoint beside what it is to be compared with, and recommendations."""

from collections.abc import Mapping, Sequence

import numpy as np
from rich.markup import escape
from rich.table import Table

from commands.console import console
from commands.endpoint_recommendations import Recommendation
from commands.live_endpoint import Floats, HeldOut
from data_prep.encoder import Encoder
from data_prep.synthetic import PlantedFM
from fm import metrics

Metrics = Mapping[str, float | None]  # None where one is not defined, as AUC is not of one class


def of_endpoint(held_out: HeldOut, scores: Floats) -> Metrics:
    """Return what the endpoint's answers for the held-out rows are worth (a classifier's)."""
    labels, predicted = held_out.labels, (scores >= 0.5).astype(np.float32)
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
    return of_endpoint(HeldOut(held_out.rows[known], held_out.labels[known]), truth)


def show_metrics(rows: int, columns: Mapping[str, Metrics]) -> None:
    """Print the metrics of each column's model side by side; the first column has them all."""
    table = Table(title=f"Evaluation on {rows:,} held-out rows", title_justify="left")
    table.add_column("metric")
    for title in columns:
        table.add_column(title, justify="right")
    first, *_ = columns.values()
    for metric in first:
        values = [found.get(metric) for found in columns.values()]
        table.add_row(metric, *("" if value is None else f"{value:.4f}" for value in values))
    console.print(table)


def recommendation_table(by_user: Mapping[str, Sequence[Recommendation]], title: str) -> Table:
    """Return a table with a column of items and scores for each user."""
    table = Table(title=title, title_justify="left")
    table.add_column("rank", justify="right")
    for user in by_user:
        table.add_column(escape(f"user {user}"), no_wrap=True)
    for rank in range(max(map(len, by_user.values()))):
        cells = [
            f"{escape(found[rank].item)} [dim]{found[rank].score:.4f}[/dim]"
            if rank < len(found)
            else ""
            for found in by_user.values()
        ]
        table.add_row(str(rank + 1), *cells)
    return table
