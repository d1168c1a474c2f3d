"""A small table for ranking, and what its preparation wrote, row by row.

Rows of a ranking preparation do not say whose they are. Here each user has a group of their own, a
side feature, which tells.
"""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from data_prep.encoder import Encoder
from tests.unit.data_prep.preparations import part

HEADER = "user_id,item_id,rating,timestamp,group"
COLUMNS = {"label": "rating", "timestamp": "timestamp", "user_features": ["group"]}
SETTINGS: Mapping[str, object] = {
    "purpose": "ranking",
    "columns": COLUMNS,
    "label": {"positive_at_least": 4},
    "negatives": {"per_positive": 2},
    "history": {"most": 5, "shortened": 0},
}


class Interaction(NamedTuple):
    """A line of the table."""

    user: str
    item: str
    rating: int
    time: int

    @property
    def line(self) -> str:
        """The line."""
        return f"{self.user},{self.item},{self.rating},{self.time},of-{self.user}"


def interactions(users: int = 30, items: int = 40, each: int = 14) -> list[Interaction]:
    """Return ratings of one to five stars, no pair twice, in random order of time."""
    draw = random.Random(5)
    chosen = [
        Interaction(f"u{user}", f"i{item}", draw.randint(1, 5), draw.randint(1, 400))
        for user in range(users)
        for item in draw.sample(range(items), each)
    ]
    draw.shuffle(chosen)
    return chosen


class Record(NamedTuple):
    """A record, decoded."""

    user: str
    item: str
    label: float
    history: Mapping[str, float]


def records(out: Path, name: str) -> list[Record]:
    """Return the records of a part, `train` or `test`, in file order."""
    encoder = Encoder.load(out)
    history, item, group = encoder.manifest.fields
    items = [*encoder.item_ids, "?"]
    groups = [*(group_of[3:] for group_of in encoder._vocabularies[group.key].values), "?"]
    features, labels = part(out, name)
    decoded = []
    for row, label in zip(range(features.shape[0]), labels.tolist(), strict=True):
        places = slice(features.indptr[row], features.indptr[row + 1])
        entries = list(zip(features.indices[places].tolist(), features.data[places], strict=True))
        (own,) = [items[c - item.start] for c, _ in entries if item.start <= c < group.start]
        (user,) = [groups[c - group.start] for c, _ in entries if c >= group.start]
        seen = {items[c - history.start]: float(w) for c, w in entries if c < item.start}
        decoded.append(Record(user, own, label, seen))
    return decoded
