"""A table with side features of every kind, and the features of a part."""

from pathlib import Path
from typing import Any

from data_prep import recordio
from data_prep.encoder import Encoder

GENRES = ["drama", "comedy|drama", "", "horror|comedy|drama", "comedy|comedy|horror"]

HEADER = "user_id,item_id,label,timestamp,age,job,genres,price"

COLUMNS = {
    "label": "label",
    "timestamp": "timestamp",
    "user_features": [{"name": "age", "kind": "numeric"}, "job"],
    "item_features": [{"name": "genres", "kind": "multi_valued"}],
    "context_features": [
        {"name": "price", "kind": "numeric"},
        {"name": "timestamp", "kind": "hour_of_day"},
        {"name": "timestamp", "kind": "day_of_week"},
    ],
}

TIME = {"strategy": "time", "test_fraction": 0.2}


def rows() -> list[list[str]]:
    """100 interactions in order of time; the last 20 have their own age, job and genre."""
    made = []
    for n in range(100):
        user, item, late = n % 8, n % 5, n >= 80
        time = 1_700_000_000 + n * 5000
        age = "900" if late else str(20 + user)
        job = "astronaut" if late else f"job{user % 3}"
        genres = "western" if late else GENRES[item]
        label = str((n // 7) % 2)
        made.append([f"u{user}", f"i{item}", label, str(time), age, job, genres, str(n / 4)])
    return made


def features(out: Path, part: str) -> Any:
    with (out / f"{part}.recordio").open("rb") as file:
        return recordio.read(file)[0].toarray()


def columns(out: Path, name: str, kind: str | None = None) -> slice:
    fields = Encoder.load(out).manifest.fields
    field = next(f for f in fields if f.name == name and kind in (None, f.kind))
    return slice(field.start, field.start + field.size)
