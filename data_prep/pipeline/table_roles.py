"""The roles of the columns of a table beside the interactions: id, title and side features."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from data_prep.column_settings import Feature, ItemTable, Table
from data_prep.errors import InputError
from data_prep.manifest import TableName
from data_prep.pipeline.column_roles import check, matching, only_match, plain, with_kinds

OWNERS: Mapping[TableName, Literal["user", "item"]] = {"items": "item", "users": "user"}
_TITLES = (  # as `plain` writes them; where there are several, the first one here is the title
    *("title", "itemtitle", "movietitle", "booktitle", "producttitle", "tracktitle", "songtitle"),
    *("name", "itemname", "moviename", "productname", "trackname", "songname", "artistname"),
)


class TableRoles(NamedTuple):
    """The column of each role.

    Attributes:
        id: the id of the user or item.
        title: what people call the item; None: there is no such column.
        features: the side features, with their kinds.
    """

    id: str
    title: str | None
    features: tuple[Feature, ...]

    def __str__(self) -> str:
        parts = [f"id={self.id}", *([f"title={self.title}"] if self.title is not None else [])]
        return ", ".join([*parts, *(f"{one.name} ({one.kind})" for one in self.features)])

    @property
    def names(self) -> list[str]:
        """The columns that every file of the table must have."""
        titles = [] if self.title is None else [self.title]
        return [self.id, *titles, *(feature.name for feature in self.features)]


def resolve_table(
    name: TableName,
    table: Table,
    file: str,
    names: Sequence[str],
    declared_features: Mapping[str, Feature],
    id_column: str,
) -> TableRoles:
    """Return the column of each role, named in the settings or recognised.

    Args:
        name: which table it is.
        table: the roles that are named.
        file: what an error calls the file.
        names: its columns.
        declared_features: what its format declares of them, by name.
        id_column: the column of the interactions with the ids.

    Raises:
        InputError: a named column is not there, the column of the ids is not clear, or nothing of
            the table would be used.
    """
    features = with_kinds(table.features, declared_features)
    free = [one for one in names if one not in table.names]
    title = table.title if isinstance(table, ItemTable) else None
    ids = table.id or _recognise_id(name, file, free, id_column)
    if isinstance(table, ItemTable) and title is None:
        title = _recognise_title([one for one in free if one != ids])
    roles = TableRoles(ids, title, features)
    check(file, names, roles.names)
    if title is None and not features:
        raise InputError(
            "nothing of the table would be used",
            file=file,
            fix=f"Name side features in {name}.features; the file has: {', '.join(names)}",
        )
    return roles


def _recognise_id(name: TableName, file: str, names: Sequence[str], id_column: str) -> str:
    if id_column in names:
        return id_column
    own = [one for one in names if plain(one) == "id"]
    if len(own) == 1 and not matching(names, OWNERS[name]):
        return own[0]
    return only_match(file, names, OWNERS[name], f"{name}.id")


def _recognise_title(names: Sequence[str]) -> str | None:
    known = [name for name in names if plain(name) in _TITLES]
    return min(known, key=lambda name: _TITLES.index(plain(name)), default=None)
