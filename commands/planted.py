"""Interactions drawn from a known model: what `make demo` shows without data of one's own."""

from pathlib import Path
from typing import TypeAlias

import numpy as np

from commands.console import CommandError, step
from commands.execution import Metrics
from commands.flags import Files
from commands.live_endpoint import HeldOutRows
from commands.metric_tables import scored
from data_prep.encoder import Encoder
from data_prep.held_out import HeldOut
from data_prep.settings import Purpose
from data_prep.synthetic import PlantedChoices, PlantedFM
from fm import ranking_metrics

Planted: TypeAlias = PlantedChoices | PlantedFM


def plant(purpose: Purpose) -> Planted:
    """Return the known model whose interactions suit a purpose.

    Raises:
        CommandError: there is none.
    """
    if purpose == "rating":
        raise CommandError("PURPOSE=rating needs ratings: name a file of them: DATA=<file>")
    if purpose == "ranking":
        return PlantedChoices(users=400, items=600, interactions=20_000)
    return PlantedFM()


def write_step(planted: Planted, folder: Path) -> Files:
    """Write the interactions and, of choices, a table of the items with titles."""
    if isinstance(planted, PlantedFM):
        with step("plant an FM model and draw interactions from it"):
            planted.write(folder / "planted.csv")
        return Files(folder / "planted.csv")
    with step("plant an FM model and let its users choose"):
        planted.write(folder / "choices.csv", folder / "items.csv")
    return Files(folder / "choices.csv", items=folder / "items.csv")


def best_scores(planted: PlantedFM, encoder: Encoder, held_out: HeldOutRows) -> Metrics:
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
    return scored("classification", held_out.labels[known], truth)


def best_lists(planted: PlantedChoices, encoder: Encoder, held_out: HeldOut) -> Metrics:
    """Return the metrics of the lists by true appeal: no lists can be expected to do better.

    They are for the users whose lists the evaluation judges: those with a held-out choice that
    training knows, without strangers.
    """
    known = (held_out.users >= 0) & (held_out.items >= 0)
    known &= ~np.isin(held_out.users, held_out.strangers)
    users, places = np.unique(held_out.users[known], return_inverse=True)
    ids = [encoder.user_ids[user] for user in users]
    appeal = planted.appeal(ids, encoder.item_ids)
    for of_user, user in zip(appeal, ids, strict=True):
        of_user[encoder.seen_items(user)] = -np.inf
    lists = np.argsort(-appeal, axis=1)[:, : max(ranking_metrics.CUTOFFS)]
    hits = ranking_metrics.hits(lists, places, held_out.items[known], len(encoder.item_ids))
    of_users = ranking_metrics.per_user(hits, np.bincount(places))
    return dict(zip(ranking_metrics.NAMES, of_users.mean(0).tolist(), strict=True))
