"""The roles of a table's columns: named, recognised, or not clear."""

from pathlib import Path

import pytest

from data_prep.errors import InputError
from data_prep.manifest import Join
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.ratings import POSITIVE, lines


def joined(prepared: Prepare, table: Table, header: str, names: str, **settings: object) -> Join:
    """Return the join of ratings with this header and items with these names."""
    rows = (",".join(f"i{n}" for _ in names.split(",")) for n in range(7))
    path = table([names, *rows], "items.csv")
    prepare = prepared(table(lines(header)), item_files=[path], **POSITIVE, **settings)
    assert prepare.tables.items is not None
    return prepare.tables.items


@pytest.mark.parametrize(
    ("header", "names", "ids"),
    [
        ("userId,movieId,rating", "movieId,title", "movieId"),
        ("user,film,rating", "film,title", "film"),
        ("user_id,item_id,rating", "ItemID,title", "ItemID"),
        ("userID,artistID,weight", "id,name", "id"),
        ("user_id,book_id,rating", "book_id,isbn,title", "book_id"),
        ("user_id,parent_asin,rating", "asin,title", "asin"),
        ("user_id,item_id,rating", "item_id,id,title", "item_id"),
        ("user_id,film,rating", "id,item_id,title", "item_id"),
    ],
)
def test_the_id_is_named_as_in_the_interactions_or_usually(
    prepared: Prepare, table: Table, header: str, names: str, ids: str
) -> None:
    columns = {"item": header.split(",")[1]}
    assert joined(prepared, table, f"{header},time", names, columns=columns).id == ids


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ("item_id,title", "title"),
        ("item_id,name,Title", "Title"),
        ("item_id,Book-Title", "Book-Title"),
        ("item_id,product_name", "product_name"),
    ],
)
def test_a_title_has_a_usual_name(prepared: Prepare, table: Table, names: str, title: str) -> None:
    assert joined(prepared, table, "user_id,item_id,rating,time", names).title == title


def test_a_column_that_is_a_feature_is_not_taken_for_the_title(
    prepared: Prepare, table: Table
) -> None:
    header, chosen = "user_id,item_id,rating,time", {"features": ["name"]}
    assert joined(prepared, table, header, "item_id,name", items=chosen).title is None


def test_named_roles_are_taken(prepared: Prepare, table: Table) -> None:
    chosen = {"id": "key", "title": "label"}
    header = "user_id,item_id,rating,time"
    join = joined(prepared, table, header, "key,item_id,title,label", items=chosen)
    assert (join.id, join.title) == ("key", "label")


@pytest.mark.parametrize(
    ("names", "settings", "message"),
    [
        (
            "asin,parent_asin,title",
            {},
            r"which column is the item .* asin or parent_asin.*items\.id",
        ),
        ("key,title", {}, r"none has a usual name.*Name it in items\.id; the file has: key, title"),
        ("item_id,genres", {}, r"nothing of the table would be used.*items\.features"),
        ("item_id,genres", {"id": "key"}, "'key': the file has no such column"),
        ("item_id,genres", {"title": "name"}, "'name': the file has no such column"),
        ("item_id,genres", {"features": ["year"]}, "'year': the file has no such column"),
        ("1,title", {}, "has a number, 1, for a name"),
    ],
)
def test_roles_that_are_not_clear_are_refused(
    prepared: Prepare, table: Table, names: str, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        joined(prepared, table, "user_id,item_id,rating,time", names, items=settings)
    assert Path(caught.value.file or "").name == "items.csv"


def test_a_table_of_users_needs_features(prepared: Prepare, table: Table) -> None:
    users = table(["user_id,name", "u1,Ann"], "users.csv")
    with pytest.raises(InputError, match=r"nothing of the table would be used.*users\.features"):
        prepared(table(lines("user_id,item_id,rating,time")), user_files=[users], **POSITIVE)


def test_both_tables_may_have_features_of_one_name(prepared: Prepare, table: Table) -> None:
    items = table(["item_id,country", *(f"i{n},c{n % 2}" for n in range(7))], "items.csv")
    users = table(["user_id,country", *(f"u{n},c{n % 3}" for n in range(9))], "users.csv")
    chosen = {"features": ["country"]}
    manifest = prepared(
        table(lines("user_id,item_id,rating,time")),
        item_files=[items],
        user_files=[users],
        items=chosen,
        users=chosen,
        **POSITIVE,
    )
    sizes = {field.role: field.size for field in manifest.fields if field.name == "country"}
    assert sizes == {"user_feature": 4, "item_feature": 3}


def test_features_of_a_table_follow_those_of_the_interactions(
    prepared: Prepare, table: Table
) -> None:
    rows = [(f"u{n % 9}", f"i{n % 7}", n % 2, n % 3, n % 4) for n in range(60)]
    manifest = prepared(
        table(lines("user_id,item_id,label,color,device", rows=rows)),
        item_files=[table(["item_id,genre", *(f"i{n},g{n % 2}" for n in range(7))], "items.csv")],
        columns={"label": "label", "item_features": ["color"], "context_features": ["device"]},
        items={"features": ["genre"]},
    )
    names = [field.name for field in manifest.fields]
    assert names == ["user_id", "item_id", "color", "genre", "device"]
    assert [feature.name for feature in manifest.columns.features] == ["color", "device"]
