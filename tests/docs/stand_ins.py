"""The files that the pages name: small tables with these columns, drawn from a known model.

The stand-in for MovieLens-100K has the layout of `u.data` and `u.item`, and nothing of its content,
whose licence does not permit redistribution.
"""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import fm
from data_prep import PrepareSettings, prepare
from data_prep.synthetic import PlantedChoices
from tests.unit.local.fm_container.conftest import encoded, make_data, write_root

_PLANTED = PlantedChoices(users=200, items=300, interactions=8_000)
_RANKING = PrepareSettings.model_validate({"purpose": "ranking"})
_LIKED, _NOT_LIKED = (4, 5), (1, 2, 3)  # stars


def write(folder: Path) -> None:
    """Write all of them to a folder."""
    _PLANTED.write(folder / "clicks.csv", folder / "items.csv")
    ratings = list(_ratings(_rows(folder / "clicks.csv")))
    items = _rows(folder / "items.csv")
    _write(folder / "ratings.csv", ["userId", "movieId", "rating", "timestamp"], ratings)
    stars = [row[:3] for row in ratings]
    _write(folder / "ratings.tsv", ["customer", "sku", "stars"], stars, delimiter="\t")
    films = [
        [item, title, genres, 1930 + 7 * n % 90] for n, (item, title, genres) in enumerate(items)
    ]
    _write(folder / "movies.csv", ["movieId", "title", "genres", "year"], films)
    genders = [[user, "FM"[user % 2]] for user in range(1, _PLANTED.users + 1)]
    _write(folder / "users.csv", ["userId", "gender"], genders)
    _movielens(folder / "ml-100k", ratings, items)
    write_root(folder / "opt-ml", encoded(*make_data()))
    _run(folder)


def write_roll_back(folder: Path, model_data_url: str) -> None:
    """Write the execution input that deploys an earlier model."""
    (folder / "roll-back.json").write_text(json.dumps({"model_data_url": model_data_url}))


def _run(folder: Path) -> None:
    """Write what a run leaves behind, as far as a reader downloads it: its data and its model."""
    manifest = prepare([folder / "clicks.csv"], folder / "prepared", _RANKING)
    draw = np.random.default_rng(1)
    linear = draw.normal(size=manifest.feature_dim).astype(np.float32)
    factors = draw.normal(size=(manifest.feature_dim, 3)).astype(np.float32)
    fm.write_artifact(folder / "model.tar.gz", fm.Model(0.0, linear, factors, fm.BINARY))


def _ratings(clicks: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Yield a good rating for each choice, and a bad one for an item that was not chosen."""
    draw, chosen = random.Random(5), {(user, item) for user, item, _ in clicks}
    for user, item, time in clicks:
        yield [user, item, str(draw.choice(_LIKED)), time]
        other = str(draw.randint(1, _PLANTED.items))
        if (user, other) not in chosen:
            chosen.add((user, other))
            yield [user, other, str(draw.choice(_NOT_LIKED)), time]


def _movielens(
    folder: Path, ratings: Sequence[Sequence[str]], items: Sequence[Sequence[str]]
) -> None:
    folder.mkdir()
    _write(folder / "u.data", [], ratings, delimiter="\t")
    genres = ["0"] * 18 + ["1"]
    films = [[item, f"{title} (1995)", "01-Jan-1995", "", "http://example.com", *genres]
             for item, title, _ in items]  # fmt: skip
    films[0][1] = "Fiancée (1995)"  # so that the encoding matters
    _write(folder / "u.item", [], films, delimiter="|", encoding="latin-1")


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))[1:]


def _write(
    path: Path,
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> None:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerows([header, *rows] if header else rows)
