"""MovieLens' tables as they are, beside its ratings."""

from pathlib import Path
from typing import Any

import pytest

from data_prep.encoder import Encoder
from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.ratings import POSITIVE

RATINGS = [f"{n % 3 + 1}\t{n % 2 + 1}\t{n % 5 + 1}\t{881250949 + n}" for n in range(60)]
U_ITEM = [
    "1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)"
    "|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0",
    "2|Cit\u00e9 des enfants perdus, La (1995)|01-Jan-1995||http://us.imdb.com/M/title"
    "|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|1|0|0|0",
]
U_USER = ["1|24|M|technician|85711", "2|53|F|other|94043", "3|23|M|writer|T8H1N"]
MOVIES_CSV = [
    "movieId,title,genres",
    "1,Toy Story (1995),Adventure|Animation|Children|Comedy|Fantasy",
    '2,"Cit\u00e9 des enfants perdus, La (1995)",(no genres listed)',
]
MOVIES_DAT = [
    "1::Toy Story (1995)::Animation|Children's|Comedy",
    "2::Cit\u00e9 des enfants perdus, La (1995)::Adventure|Sci-Fi",
]
USERS_DAT = ["1::F::1::10::48067", "2::M::56::16::70072", "3::M::25::15::55117-1234"]
TITLES = {"1": "Toy Story (1995)", "2": "Cit\u00e9 des enfants perdus, La (1995)"}
GENRES = {"name": "genres", "kind": "multi_valued"}
AGE = {"name": "age", "kind": "numeric"}


@pytest.mark.parametrize(
    ("name", "items", "users", "features", "of_user"),
    [
        ("u.item", U_ITEM, U_USER, ["Comedy", "Sci-Fi"], [AGE, "gender", "occupation"]),
        ("movies.dat", MOVIES_DAT, USERS_DAT, [GENRES], [AGE, "gender", "occupation", "zip_code"]),
    ],
)
def test_tables_without_a_header_are_read(
    prepared: Prepare,
    table: Table,
    tmp_path: Path,
    name: str,
    items: list[str],
    users: list[str],
    features: list[Any],
    of_user: list[Any],
) -> None:
    manifest = prepared(
        table(RATINGS, "u.data"),
        item_files=[table("\n".join(items).encode("latin-1"), name)],
        user_files=[table(users, "users")],
        items={"features": features, "encoding": "latin-1"},
        users={"features": of_user},
        **POSITIVE,
    )
    assert manifest.tables.items is not None
    assert manifest.tables.users is not None
    assert (manifest.tables.items.matched, manifest.tables.users.matched) == (2, 3)
    assert Encoder.load(tmp_path / "out").titles == TITLES


def test_movies_csv_is_read(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    manifest = prepared(
        table(["userId,movieId,rating,timestamp", *(row.replace("\t", ",") for row in RATINGS)]),
        item_files=[table(MOVIES_CSV, "movies.csv")],
        items={"features": [GENRES]},
        **POSITIVE,
    )
    assert manifest.fields[2].size == 6 + 1
    assert Encoder.load(tmp_path / "out").titles == TITLES


def test_a_table_takes_the_encoding_of_the_interactions(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    items = table("\n".join(U_ITEM).encode("latin-1"), "u.item")
    ratings = table(RATINGS, "u.data")
    with pytest.raises(InputError, match=r"line 2: byte e9 is not utf-8.*setting 'encoding'"):
        prepared(ratings, item_files=[items], **POSITIVE)
    prepared(ratings, item_files=[items], encoding="latin-1", **POSITIVE)
    assert Encoder.load(tmp_path / "out").titles == TITLES


def test_a_table_has_a_separator_of_its_own(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    ratings = table([row.replace("\t", ";") for row in RATINGS])
    movies = table(MOVIES_CSV, "movies.csv")
    prepared(ratings, item_files=[movies], separator=";", **POSITIVE)
    assert Encoder.load(tmp_path / "out").titles == TITLES
    other = {"separator": ";"}
    with pytest.raises(InputError, match="movieId,title,genres"):
        prepared(ratings, item_files=[movies], items=other, **POSITIVE)


def test_rows_of_another_shape_are_not_taken_for_movielens(prepared: Prepare, table: Table) -> None:
    films = table(["1|24|neither|technician|85711", *U_USER], "u.user")
    with pytest.raises(InputError, match="has a number, 1, for a name"):
        prepared(table(RATINGS), user_files=[films], users={"features": []}, **POSITIVE)
