"""Which column is which: named in the settings, or recognised by the usual names."""

from collections.abc import Sequence

from data_prep.errors import InputError
from data_prep.settings import Columns

_USUAL = {
    "user": ("userid", "user", "uid", "customerid", "visitorid", "reviewerid"),
    "item": ("itemid", "item", "iid", "movieid", "productid", "asin", "trackid", "songid"),
    "label": ("interaction", "label", "rating", "score", "click", "clicked", "target"),
    "timestamp": ("timestamp", "time", "unixtime", "ts", "datetime", "date"),
}


def resolve(file: str, names: Sequence[str], columns: Columns | None) -> Columns:
    """The roles of the columns `names` of `file`; raises InputError for one that is not there."""
    if columns is None:
        return _detected(file, names)
    wanted = [columns.user, columns.item, columns.label, columns.timestamp]
    wanted += [feature.name for feature in columns.features]
    for name in wanted:
        if name is not None and name not in names:
            raise InputError(
                "the file has no such column",
                file=file,
                line=1,
                column=name,
                fix=f"It has: {', '.join(names)}",
            )
    return columns


def _detected(file: str, names: Sequence[str]) -> Columns:
    user, item, label = (_the_one(file, names, role) for role in ("user", "item", "label"))
    timestamp = _the_one(file, names, "timestamp") if _matching(names, "timestamp") else None
    return Columns(user=user, item=item, label=label, timestamp=timestamp)


def _matching(names: Sequence[str], role: str) -> list[str]:
    return [name for name in names if "".join(filter(str.isalnum, name)).lower() in _USUAL[role]]


def _the_one(file: str, names: Sequence[str], role: str) -> str:
    matching = _matching(names, role)
    if len(matching) == 1:
        return matching[0]
    raise InputError(
        f"which column is the {role} is not clear: "
        + (f"it could be {' or '.join(matching)}" if matching else "none has a usual name"),
        file=file,
        line=1,
        fix=f"Name it in columns.{role}; the file has: {', '.join(names)}",
    )
