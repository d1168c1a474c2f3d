"""The role of each column: named in the settings, or recognised by its usual names."""

from collections.abc import Iterable, Mapping, Sequence

from data_prep.column_settings import Columns, Feature
from data_prep.errors import InputError
from data_prep.settings import PrepareSettings
from data_prep.sources.arrow_types import is_number

# Without case and punctuation. Among them are those of MovieLens, Amazon's reviews, Last.fm,
# Goodbooks, Book-Crossing and Yelp.
_USUAL_NAMES = {
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
    file: str,
    names: Sequence[str],
    declared_features: Mapping[str, Feature],
    settings: PrepareSettings,
) -> Columns:
    """Return the column of each role, and the kind of each feature.

    Args:
        file: what an error calls the file.
        names: its columns.
        declared_features: what its format declares of them, by name.
        settings: the roles that are named.

    Raises:
        InputError: a named column is not there, or the column of a role is not clear.
    """
    columns = settings.columns or Columns()
    columns = _recognise(file, names, columns, label_optional=settings.samples)
    check(file, names, columns.names)
    features = {
        role: with_kinds(getattr(columns, role), declared_features)
        for role in ("user_features", "item_features", "context_features")
    }
    return columns.model_copy(update=features)


def check(file: str, names: Sequence[str], required: Iterable[str]) -> None:
    """Refuse a file that lacks one of the required columns.

    Raises:
        InputError: a column is not among the names.
    """
    for name in required:
        if name not in names:
            raise InputError(
                "the file has no such column",
                file=file,
                column=name,
                fix=f"It has: {', '.join(names)}",
            )


def describe(columns: Columns) -> str:
    """Return the column of each role in a line of text."""
    parts = [f"user={columns.user}", f"item={columns.item}"]
    parts += [f"label={columns.label}" if columns.label else "no label: every row is positive"]
    parts += [f"timestamp={columns.timestamp}"] if columns.timestamp else []
    parts += [f"{feature.name} ({feature.kind})" for feature in columns.features]
    return f"Columns: {', '.join(parts)}"


def with_kinds(
    features: Iterable[Feature], declared_features: Mapping[str, Feature]
) -> tuple[Feature, ...]:
    """Return the features, each with a kind: its own, what its file declares, or categorical."""
    complete = []
    for feature in features:
        declared = declared_features.get(feature.name, Feature(name=feature.name))
        kind = feature.kind or declared.kind or "categorical"
        separator = feature.separator or declared.separator or _SEPARATOR
        multiple = kind == "multi_valued"
        complete.append(
            Feature(name=feature.name, kind=kind, separator=separator if multiple else None)
        )
    return tuple(complete)


def _recognise(
    file: str, names: Sequence[str], columns: Columns, *, label_optional: bool
) -> Columns:
    """Return the columns with each role that is not named recognised among those without one."""
    named = [getattr(columns, role) for role in _USUAL_NAMES if role in columns.model_fields_set]
    named += [feature.name for feature in columns.features]
    free = [name for name in names if name not in named]
    recognised: dict[str, str | None] = {}
    for role in _USUAL_NAMES:
        if role not in columns.model_fields_set:
            optional = role == "timestamp" or (role == "label" and label_optional)
            absent = optional and not matching(free, role)
            recognised[role] = None if absent else only_match(file, free, role, f"columns.{role}")
    return columns.model_copy(update=recognised)


def matching(names: Sequence[str], role: str) -> list[str]:
    """Return the columns with a usual name of the role, which is a key of the usual names."""
    return [name for name in names if plain(name) in _USUAL_NAMES[role]]


def plain(name: str) -> str:
    """Return a name as the usual ones are written: letters and digits, in lower case."""
    return "".join(filter(str.isalnum, name)).lower()


def only_match(file: str, names: Sequence[str], role: str, setting: str) -> str:
    """Return the only column with a usual name of the role.

    Args:
        file: what an error calls the file.
        names: the columns that may have the role.
        role: a key of the usual names, such as `item`.
        setting: where the column can be named instead.

    Raises:
        InputError: there is no such column, or there are several.
    """
    matches = matching(names, role)
    if len(matches) == 1:
        return matches[0]
    number = next(filter(is_number, names), None)
    if number is not None and not matches:
        raise InputError(
            f"the header has a number, {number}, for a name",
            file=file,
            fix="If the file has no header, put a line with the names of its columns before it",
        )
    unless = ", or ask for negatives if every row is a positive" if role == "label" else ""
    raise InputError(
        f"which column is the {role} is not clear: "
        + (f"it could be {' or '.join(matches)}" if matches else "none has a usual name"),
        file=file,
        fix=f"Name it in {setting}{unless}; the file has: {', '.join(names)}",
    )
