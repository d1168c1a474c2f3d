"""Which column is which: named in the settings, or recognised by the usual names."""

from collections.abc import Iterable, Mapping, Sequence

from data_prep.errors import InputError
from data_prep.settings import Columns, Feature, PrepareSettings
from data_prep.sources.arrow_types import is_number

_USUAL = {
    "user": ("userid", "user", "uid", "customerid", "visitorid", "reviewerid"),
    "item": (
        *("itemid", "item", "iid", "movieid", "productid", "asin", "parentasin", "trackid"),
        *("songid", "artistid", "bookid", "isbn", "animeid", "gameid", "businessid"),
    ),
    "label": (
        *("interaction", "label", "rating", "score", "click", "clicked", "target"),
        *("overall", "stars", "starrating", "bookrating", "weight"),
    ),
    "timestamp": (
        *("timestamp", "time", "unixtime", "unixreviewtime", "ts", "datetime", "date"),
        "reviewdate",
    ),
}
_SEPARATOR = "|"


def resolve(
    file: str, names: Sequence[str], declared: Mapping[str, Feature], settings: PrepareSettings
) -> Columns:
    """The roles of the columns `names` of `file`, and the kind of each feature.

    Raises InputError for a column that is not there, and for a role that is not clear.
    """
    columns = settings.columns or Columns()
    columns = _completed(file, names, columns, settings.negatives is not None)
    check(file, names, columns)
    features = ("user_features", "item_features", "context_features")
    chosen = {role: _with_kinds(getattr(columns, role), declared) for role in features}
    return columns.model_copy(update=chosen)


def check(file: str, names: Sequence[str], columns: Columns) -> None:
    """Raise InputError for a column that the file does not have."""
    wanted = [columns.user, columns.item, columns.label, columns.timestamp]
    wanted += [feature.name for feature in columns.features]
    for name in wanted:
        if name is not None and name not in names:
            raise InputError(
                "the file has no such column",
                file=file,
                column=name,
                fix=f"It has: {', '.join(names)}",
            )


def shown(columns: Columns) -> str:
    """The roles in a line of text."""
    roles = [f"user={columns.user}", f"item={columns.item}"]
    roles += [f"label={columns.label}" if columns.label else "no label: every row is positive"]
    roles += [f"timestamp={columns.timestamp}"] if columns.timestamp else []
    roles += [f"{feature.name} ({feature.kind})" for feature in columns.features]
    return f"Columns: {', '.join(roles)}"


def _with_kinds(
    features: Iterable[Feature], declared: Mapping[str, Feature]
) -> tuple[Feature, ...]:
    chosen = []
    for feature in features:
        says = declared.get(feature.name, Feature(name=feature.name))
        kind = feature.kind or says.kind or "categorical"
        separator = feature.separator or says.separator or _SEPARATOR
        multiple = kind == "multi_valued"
        chosen.append(
            Feature(name=feature.name, kind=kind, separator=separator if multiple else None)
        )
    return tuple(chosen)


def _completed(file: str, names: Sequence[str], columns: Columns, positives_alone: bool) -> Columns:
    """The columns with those roles recognised that are not named, among the columns without one."""
    named = [getattr(columns, role) for role in _USUAL if role in columns.model_fields_set]
    named += [feature.name for feature in columns.features]
    free = [name for name in names if name not in named]
    found: dict[str, str | None] = {}
    for role in _USUAL:
        if role not in columns.model_fields_set:
            dispensable = role == "timestamp" or (role == "label" and positives_alone)
            absent = dispensable and not _matching(free, role)
            found[role] = None if absent else _the_one(file, free, role)
    return columns.model_copy(update=found)


def _matching(names: Sequence[str], role: str) -> list[str]:
    return [name for name in names if "".join(filter(str.isalnum, name)).lower() in _USUAL[role]]


def _the_one(file: str, names: Sequence[str], role: str) -> str:
    matching = _matching(names, role)
    if len(matching) == 1:
        return matching[0]
    number = next(filter(is_number, names), None)
    if number is not None and not matching:
        raise InputError(
            f"the header has a number, {number}, for a name",
            file=file,
            fix="If the file has no header, put a line with the names of its columns before it",
        )
    unless = ", or ask for negatives if every row is a positive" if role == "label" else ""
    raise InputError(
        f"which column is the {role} is not clear: "
        + (f"it could be {' or '.join(matching)}" if matching else "none has a usual name"),
        file=file,
        fix=f"Name it in columns.{role}{unless}; the file has: {', '.join(names)}",
    )
