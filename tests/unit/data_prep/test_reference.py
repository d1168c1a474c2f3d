"""Random tables and settings: what a plain reading of the documentation gives, row for row."""

import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest

from data_prep import recordio
from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.pipeline import spool
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings

Record = dict[str, Any]
# What a row holds: (field, value; None if unknown, weight) for each of its columns, and its label.
Encoded = tuple[tuple[tuple[str, str, float], ...], float]
FIELDS = ["user", "item", "job", "tags", "price", "hour", "day"]
CATEGORICAL = FIELDS[:3]
HEADER = ["user", "item", "label", "time", "job", "tags", "price"]
COLUMNS = {
    "label": "label",
    "timestamp": "time",
    "user_features": ["job"],
    "item_features": [{"name": "tags", "kind": "multi_valued"}],
    "context_features": [
        {"name": "price", "kind": "numeric"},
        {"name": "time", "kind": "hour_of_day"},
        {"name": "time", "kind": "day_of_week"},
    ],
}


class Case(NamedTuple):
    """Rows, settings, and how the work is cut."""

    rows: list[Record]
    settings: PrepareSettings
    bucket_rows: int
    block_rows: int
    block_bytes: int


def drawn(seed: int) -> Case:
    chance = random.Random(seed)
    users, items = chance.randint(1, 12), chance.randint(1, 15)
    rows = [
        {
            "user": f"u{chance.randrange(users)}",
            "item": f"i{chance.randrange(items)}",
            "label": chance.randrange(6),
            "time": chance.choice([chance.randrange(3), chance.randrange(10**9)]),
            "job": chance.choice(["x", "y", "z", ""]),
            "tags": "|".join(
                chance.choice(["a", "b", "c d", ""]) for _ in range(chance.randrange(5))
            ),
            "price": round(chance.uniform(-5, 5), 3),
        }
        for _ in range(chance.randint(5, 120))
    ]
    classifier = {"label": {"positive_at_least": chance.choice([1, 3, 4.5])}}
    settings = {
        "columns": COLUMNS,
        "split": {
            "strategy": chance.choice(["time", "leave_last_out"]),
            "test_fraction": chance.choice([0.1, 0.2, 0.5]),
        },
        "min_count": chance.choice([1, 1, 2, 3]),
        "duplicates": chance.choice(["keep", "last", "sum"]),
        **chance.choice([classifier, {"predictor_type": "regressor"}]),
    }
    return Case(
        rows,
        PrepareSettings.model_validate(settings),
        chance.choice([7, 1 << 22]),
        chance.choice([5, 1 << 18]),
        chance.choice([200, 1 << 24]),
    )


def merged(rows: list[Record], how: str) -> list[Record]:
    groups: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault((row["user"], row["item"]), []).append(place)
    kept = {}
    for places in groups.values():
        last = max(places, key=lambda place: (rows[place]["time"], place))
        total = sum(rows[place]["label"] for place in places)
        kept[last] = rows[last] | ({"label": total} if how == "sum" else {})
    return [kept[place] for place in sorted(kept)]


def divided(rows: list[Record], settings: PrepareSettings) -> tuple[list[Record], list[Record]]:
    """The training and the test rows."""
    if settings.split.strategy == "time":
        wanted = len(rows) - round(len(rows) * settings.split.test_fraction)
        cut = sorted(row["time"] for row in rows)[wanted - 1]
        tested = {place for place, row in enumerate(rows) if row["time"] > cut}
    else:
        last: dict[str, int] = {}
        for place, row in enumerate(rows):
            if row["user"] not in last or row["time"] >= rows[last[row["user"]]]["time"]:
                last[row["user"]] = place
        count = Counter(row["user"] for row in rows)
        tested = {place for user, place in last.items() if count[user] > 1}
    train = [row for place, row in enumerate(rows) if place not in tested]
    return train, [rows[place] for place in sorted(tested)]


def members(row: Record) -> list[str]:
    return [part for part in row["tags"].split("|") if part]


class Reference:
    """What the training rows teach, and rows encoded by it."""

    def __init__(self, train: list[Record], min_count: int) -> None:
        counts = {name: Counter(row[name] for row in train) for name in CATEGORICAL}
        counts["tags"] = Counter(tag for row in train for tag in set(members(row)))
        self.known = {
            name: {value for value, count in found.items() if count >= min_count}
            for name, found in counts.items()
        }
        prices = [row["price"] for row in train]
        self._mean, self._scale = np.mean(prices), np.std(prices) or 1.0

    def encoded(self, row: Record) -> Encoded:
        tags = Counter(self._value("tags", tag) for tag in members(row))
        at = datetime.fromtimestamp(row["time"], UTC)
        entries = [(name, self._value(name, row[name]), 1.0) for name in CATEGORICAL]
        entries += [("tags", tag, count / tags.total()) for tag, count in tags.items()]
        entries += [("price", "", float((row["price"] - self._mean) / self._scale))]
        entries += [("hour", str(at.hour), 1.0), ("day", str(at.weekday()), 1.0)]
        return rounded(entries, row["label"])

    def _value(self, name: str, value: str) -> str:
        return value if value in self.known[name] else "?"


def rounded(entries: list[tuple[str, str, float]], label: float) -> Encoded:
    return tuple(sorted((f, v, round(w, 3) + 0.0) for f, v, w in entries)), float(label)


def decoded(out: Path, part: str) -> list[Encoded]:
    """The rows of a part in file order, by the manifest and the vocabulary."""
    meaning: list[tuple[str, str]] = []
    for name, field in zip(FIELDS, Manifest.load(out).fields, strict=True):
        values = [str(place) for place in range(field.size)] if field.size > 1 else [""]
        if field.vocabulary is not None:
            values = [*pq.read_table(out / field.vocabulary).column("value").to_pylist(), "?"]
        meaning += [(name, value) for value in values]
    with (out / f"{part}.recordio").open("rb") as file:
        features, labels = recordio.read(file)
    assert labels is not None
    rows = []
    for row, label in enumerate(labels.tolist()):
        places = range(features.indptr[row], features.indptr[row + 1])
        entries = [
            (*meaning[features.indices[place]], float(features.data[place])) for place in places
        ]
        rows.append(rounded(entries, label))
    return rows


@pytest.mark.parametrize("seed", range(60))
def test_a_preparation_is_what_the_documentation_says(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = drawn(seed)
    settings = case.settings
    monkeypatch.setattr(spool, "BUCKET_ROWS", case.bucket_rows)
    monkeypatch.setattr(spool, "BLOCK_ROWS", case.block_rows)
    lines = [HEADER, *(list(map(str, (row[name] for name in HEADER))) for row in case.rows)]
    (tmp_path / "rows.csv").write_text("".join(",".join(line) + "\n" for line in lines))

    rows = case.rows if settings.duplicates == "keep" else merged(case.rows, settings.duplicates)
    threshold = settings.label.positive_at_least
    if threshold is not None:
        rows = [row | {"label": float(row["label"] >= threshold)} for row in rows]
    train, test = divided(rows, settings)
    classes = 1 if threshold is None else 2

    def run() -> None:
        prepare([tmp_path / "rows.csv"], tmp_path / "out", settings, block_bytes=case.block_bytes)

    if any(len({row["label"] for row in part}) < classes for part in (train, test)):
        with pytest.raises(InputError, match=r"empty|one class only"):
            run()
        return
    run()
    reference = Reference(train, settings.min_count)
    for name, part in (("train", train), ("test", test)):
        expected = Counter(map(reference.encoded, part))
        assert Counter(decoded(tmp_path / "out", name)) == expected
