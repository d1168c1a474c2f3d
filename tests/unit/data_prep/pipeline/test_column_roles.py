"""Roles that are named, recognised, or not clear."""

import pytest

from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.ratings import POSITIVE, lines

PUBLIC = {
    "reviewerID,asin,overall,unixReviewTime": ("reviewerID", "asin", "overall"),
    "user_id,parent_asin,rating,timestamp": ("user_id", "parent_asin", "rating"),
    "customer_id,product_id,star_rating,review_date": ("customer_id", "product_id", "star_rating"),
    "userID,artistID,weight,timestamp": ("userID", "artistID", "weight"),
    "user_id,book_id,rating,date": ("user_id", "book_id", "rating"),
    "User-ID,ISBN,Book-Rating,time": ("User-ID", "ISBN", "Book-Rating"),
    "user_id,anime_id,rating,ts": ("user_id", "anime_id", "rating"),
    "user_id,business_id,stars,date": ("user_id", "business_id", "stars"),
}


@pytest.mark.parametrize("header", PUBLIC)
def test_headers_of_public_data_sets_are_recognised(
    prepared: Prepare, table: Table, header: str
) -> None:
    columns = prepared(table(lines(header)), **POSITIVE).columns
    assert (columns.user, columns.item, columns.label) == PUBLIC[header]
    assert columns.timestamp == header.split(",")[3]


@pytest.mark.parametrize(
    ("header", "columns", "found"),
    [
        ("uid,movie,rating,date", {"item": "movie"}, ("uid", "movie", "rating", "date")),
        ("uid,item,good,rating", {"label": "good"}, ("uid", "item", "good", None)),
        ("uid,item,stars,date", {"timestamp": None}, ("uid", "item", "stars", None)),
        ("uid,item,stars,score", {"item_features": ["score"]}, ("uid", "item", "stars", None)),
    ],
)
def test_roles_that_are_not_named_are_recognised(
    prepared: Prepare,
    table: Table,
    header: str,
    columns: dict[str, object],
    found: tuple[str | None, ...],
) -> None:
    chosen = prepared(table(lines(header)), columns=columns, **POSITIVE).columns
    assert (chosen.user, chosen.item, chosen.label, chosen.timestamp) == found


def test_two_columns_that_could_be_the_item_are_refused(prepared: Prepare, table: Table) -> None:
    with pytest.raises(InputError, match="could be asin or parent_asin"):
        prepared(table(lines("user_id,asin,parent_asin,rating")), **POSITIVE)


def test_a_first_line_that_looks_like_data_is_no_header(prepared: Prepare, table: Table) -> None:
    with pytest.raises(InputError, match=r"has a number, 5\.0, for a name.*put a line with"):
        prepared(table(["A1,B0001,5.0,1300000000", "A2,B0002,1.0,1300000001"]), **POSITIVE)
