"""MovieLens' files without a header: their columns, in the order of their READMEs.

They are in https://files.grouplens.org/datasets/movielens/: ml-100k, ml-1m and ml-10m.
"""

import re
from collections.abc import Sequence

from data_prep.sources.arrow_types import is_number

_RATINGS = ("user_id", "item_id", "rating", "timestamp")  # u.data and ratings.dat
_NUMBER, _GENDER, _FLAG, _WORDS, _ANY = r"\d+", "[MF]", "[01]", r"\D.*", ".*"
_GENRES = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance"),
    *("Sci-Fi", "Thriller", "War", "Western"),
)
_DATES_AND_PLACE = ("release_date", "video_release_date", "imdb_url")
# By file: the separator, and what the cells of each column look like.
_LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "u.item": (
        "|",
        {"item_id": _NUMBER, "title": _ANY}
        | dict.fromkeys(_DATES_AND_PLACE, _ANY)
        | dict.fromkeys(_GENRES, _FLAG),
    ),
    "u.user": (
        "|",
        {"user_id": _NUMBER, "age": _NUMBER, "gender": _GENDER}
        | {"occupation": _WORDS, "zip_code": _ANY},
    ),
    "movies.dat": ("::", {"item_id": _NUMBER, "title": _ANY, "genres": _WORDS}),
    "users.dat": (
        "::",
        {"user_id": _NUMBER, "gender": _GENDER, "age": _NUMBER}
        | {"occupation": _NUMBER, "zip_code": _ANY},
    ),
}


def names_without_header(cells: Sequence[str], separator: str) -> tuple[str, ...] | None:
    """Return the columns of a file that begins with a row of data; None if it is another file.

    Args:
        cells: the first row.
        separator: between its cells.
    """
    if len(cells) in (3, 4) and all(map(is_number, cells)):
        return _RATINGS[: len(cells)]
    for layout_separator, columns in _LAYOUTS.values():
        alike = separator == layout_separator and len(cells) == len(columns)
        if alike and all(map(re.fullmatch, columns.values(), cells)):
            return tuple(columns)
    return None
