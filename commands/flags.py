"""A person's flags as files and settings; a refusal names the flag that settles it."""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from commands import options
from commands.console import CommandError
from contract.validation import describe_all
from data_prep.column_settings import Columns
from data_prep.feature_text import parse_features
from data_prep.settings import PrepareSettings

_ROLES = ("user", "item", "label", "timestamp")
_TABLES = {"items": "item_features", "users": "user_features"}  # and the flag of their features
# What a refusal says of a setting -> how that setting is given to `make`.
_FLAGS = {
    "purpose": "PURPOSE=ranking",
    "columns.": "COLUMNS=user=<column>,item=<column>,label=<column>",
    "positive_at_least": "POSITIVE_AT_LEAST=4",
    "negatives": "NEGATIVES=4",
    "exponent": "EXPONENT=0.3",
    "history": "HISTORY=50",
    "items.features": "ITEM_FEATURES=genres:multi_valued",
    "users.features": "USER_FEATURES=age:numeric",
    "'separator'": "SEPARATOR=';'",
    "'encoding'": "ENCODING=latin-1",
}


@dataclass(frozen=True)
class Files:
    """A person's files.

    Attributes:
        interactions: who chose what.
        items, users: the tables beside them, if there are any.
    """

    interactions: Path
    items: Path | None = None
    users: Path | None = None

    @property
    def by_key(self) -> dict[str, Path]:
        """The files by their key in the execution input, the interactions first."""
        files = {"source": self.interactions, "items": self.items, "users": self.users}
        return {key: path for key, path in files.items() if path is not None}


def files(arguments: Namespace) -> Files | None:
    """Return the files that the flags name; None without interactions.

    Raises:
        CommandError: there is a table without interactions, or features without their table; or
            two files have the same name, which they could not have in the bucket.
    """
    for name, features in _TABLES.items():
        table, columns = getattr(arguments, name), getattr(arguments, features)
        if columns and not table:
            raise CommandError(
                f"{features.upper()}={columns} are columns of a table: name it, too: "
                f"{name.upper()}=<file>"
            )
        if table and not arguments.data:
            raise CommandError(
                f"{name.upper()}={table} goes with interactions: name them, too: DATA=<file>"
            )
    if not arguments.data:
        return None
    tables = {name: Path(getattr(arguments, name)) for name in _TABLES if getattr(arguments, name)}
    found = Files(Path(arguments.data), **tables)
    names = [path.name for path in found.by_key.values()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CommandError(f"two of the files are named {twice}: rename one")
    return found


def settings(arguments: Namespace) -> PrepareSettings:
    """Return the settings that the flags of `options.add_interactions` give, and no others.

    Raises:
        CommandError: a flag's value is not valid.
    """
    exponent = _number(arguments, "exponent")
    sections: dict[str, dict[str, object]] = {
        "label": {"positive_at_least": _number(arguments, "positive_at_least")},
        "negatives": {
            "per_positive": _number(arguments, "negatives"),
            "by": None if exponent is None else "popularity",
            "exponent": exponent,
        },
        "history": {"most": _number(arguments, "history")},
        **{table: {"features": _features(arguments, flag)} for table, flag in _TABLES.items()},
    }
    try:
        return PrepareSettings.model_validate(
            _given(
                {
                    "purpose": arguments.purpose or "ranking",
                    "columns": _columns(arguments.columns),
                    **{name: _given(section) or None for name, section in sections.items()},
                    "separator": arguments.separator.replace("\\t", "\t") or None,
                    "encoding": arguments.encoding or None,
                }
            )
        )
    except ValidationError as error:
        raise refusal(describe_all(error.errors(), whole="the flags")) from error


def given(arguments: Namespace) -> list[str]:
    """Return the flags of `options.add_interactions` that are given, as `make` has them."""
    values = {name: getattr(arguments, name) for name in options.INTERACTIONS}
    return [f"{name.upper()}={value}" for name, value in values.items() if value]


def refuse_with_lab(arguments: Namespace, reason: str) -> None:
    """Refuse flags that would have no effect, as the lab's interactions are used.

    Args:
        arguments: the flags.
        reason: why they are used.

    Raises:
        CommandError: a flag is given that says other than what the lab is.
    """
    idle = [flag for flag in given(arguments) if flag != "PURPOSE=classification"]
    if idle:
        raise CommandError(
            f"{reason} means the lab's interactions, which are as they are: leave out {idle[0]}, "
            "or name interactions of your own: DATA=<file>"
        )


def refusal(message: str) -> CommandError:
    """Return an error with `message` and, for the settings it speaks of, how to give them."""
    flags = [flag for setting, flag in _FLAGS.items() if setting in message]
    return CommandError(f"{message} (here: {', '.join(flags)})" if flags else message)


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _columns(text: str) -> Columns | None:
    """Return the columns of "user=u,item=i,label=l", or None for those that are detected."""
    if not text:
        return None
    pairs = dict(pair.partition("=")[::2] for pair in text.split(","))
    if not set(_ROLES[:2]) <= set(pairs) <= set(_ROLES) or not all(pairs.values()):
        raise CommandError(
            f"COLUMNS={text}: give user=<column>,item=<column> and, if there are any, "
            "label=<column>,timestamp=<column>"
        )
    return Columns.model_validate(pairs)


def _features(arguments: Namespace, flag: str) -> list[dict[str, str]] | None:
    text = getattr(arguments, flag)
    return parse_features(text) if text else None


def _number(arguments: Namespace, flag: str) -> float | None:
    text = getattr(arguments, flag)
    try:
        return float(text) if text else None
    except ValueError:
        raise CommandError(f"{flag.upper()}={text}: give a number, such as 4") from None
