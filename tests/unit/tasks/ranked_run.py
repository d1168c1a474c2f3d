"""A model for purpose ranking, with side features and a context beside the histories."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_prep.column_settings import Columns, Feature, ItemTable
from data_prep.encoder import Encoder
from data_prep.preparation import prepare
from data_prep.settings import History, Label, PrepareSettings
from fm.model import BINARY, Model
from tasks.recommending.recommender import Recommender

MOST = 8
COLUMNS = Columns(
    user="user",
    item="item",
    label="rating",
    timestamp="time",
    user_features=(Feature(name="age", kind="numeric"),),
    context_features=(Feature(name="device"),),
)


GENRES = Feature(name="genres", kind="multi_valued")


@dataclass(frozen=True)
class Ranked:
    """A preparation for ranking, a model of its features and the model's recommender."""

    encoder: Encoder
    model: Model
    recommender: Recommender


def prepare_ranked(folder: Path) -> Ranked:
    """Prepare ratings of 40 users and 30 items, some with titles, in `folder`."""
    ratings, items = folder / "ratings.csv", folder / "items.csv"
    _write_ratings(ratings)
    _write_items(items)
    settings = PrepareSettings(
        columns=COLUMNS,
        purpose="ranking",
        label=Label(positive_at_least=4),
        history=History(most=MOST),
        items=ItemTable(title="name", features=(GENRES,)),
    )
    prepare([ratings], folder / "data", settings, items=[items])
    encoder = Encoder.load(folder / "data")
    rng = np.random.default_rng(2)
    linear = rng.normal(0, 0.3, encoder.feature_dim).astype(np.float32)
    factors = rng.normal(0, 0.3, (encoder.feature_dim, 6)).astype(np.float32)
    model = Model(0.2, linear, factors, BINARY)
    return Ranked(encoder, model, Recommender.build(model, encoder))


def _write_ratings(path: Path) -> None:
    rng = np.random.default_rng(1)
    lines = ["user,item,rating,time,age,device"]
    for user in range(40):
        for time, item in enumerate(rng.permutation(30)[: rng.integers(4, 20)]):
            rating = 1 if user == 39 else rng.integers(1, 6)  # the last one likes nothing
            lines.append(f"u{user},i{item},{rating},{10**9 + time},{20 + user},d{rng.integers(2)}")
    path.write_text("\n".join([*lines, ""]))


def _write_items(path: Path) -> None:
    """Write a table of all items, in which only those with an even number have a title."""
    lines = ["item,name,genres"]
    for item in range(30):
        title = "" if item % 2 else f"Title {item}"
        lines.append(f"i{item},{title},g{item % 4}|g{item % 3}")
    path.write_text("\n".join([*lines, ""]))
