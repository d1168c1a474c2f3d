"""A person's interactions before anything is started: checked, and made part of an input."""

import tempfile
from argparse import Namespace
from pathlib import Path

import boto3
from pydantic import ValidationError

from commands.console import CommandError, step
from commands.execution import JsonObject
from contract import s3_layout
from contract.validation import describe_all
from data_prep.column_settings import Columns
from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.settings import Label, PrepareSettings
from data_prep.survey import Labels, survey

_ROLES = ("user", "item", "label", "timestamp")
# What a refusal says of a setting -> how that setting is given to `make`.
_FLAGS = {
    "columns.": "COLUMNS=user=<column>,item=<column>,label=<column>",
    "positive_at_least": "POSITIVE_AT_LEAST=4",
    "negatives": "NEGATIVES=4",
    "'separator'": "SEPARATOR=';'",
    "'encoding'": "ENCODING=latin-1",
}
# The highest rating of a scale of stars -> the lowest that is taken to mean "liked".
_LIKED_FROM = {5.0: 4.0, 10.0: 8.0}


def from_flags(arguments: Namespace) -> PrepareSettings:
    """Return the settings that the flags of `options.add_interactions` give.

    Raises:
        CommandError: a flag's value is not valid.
    """
    per_positive = _number(arguments, "negatives")
    try:
        return PrepareSettings.model_validate(
            {
                "columns": _parse_columns(arguments.columns),
                "label": {"positive_at_least": _number(arguments, "positive_at_least")},
                "negatives": None if per_positive is None else {"per_positive": per_positive},
                "separator": arguments.separator.replace("\\t", "\t") or None,
                "encoding": arguments.encoding or "utf-8",
            }
        )
    except ValidationError as error:
        raise _refusal(describe_all(error.errors(), whole="the flags")) from error


def check_step(path: Path, settings: PrepareSettings) -> PrepareSettings:
    """Check the interactions as a step, and return the settings with what was detected.

    Raises:
        CommandError: the run would refuse them; the message has file, line, column and value.
    """
    with step(f"check {path.name}") as current:
        settings, manifest = check(path, settings)
        current.detail = _summary(settings, manifest)
    return settings


def check(path: Path, settings: PrepareSettings) -> tuple[PrepareSettings, Manifest]:
    """Prepare the interactions on this machine, as the run will, and keep nothing.

    Labels that are ratings on a scale of 5 or 10 stars get the usual threshold.

    Returns:
        The settings with the threshold, and the manifest of the preparation.

    Raises:
        CommandError: the run would refuse them.
    """
    if settings.label.positive_at_least is None:
        threshold = _liked_from(path, settings)
        settings = settings.model_copy(update={"label": Label(positive_at_least=threshold)})
    try:
        with tempfile.TemporaryDirectory() as folder:
            return settings, prepare([path], Path(folder) / "data", settings)
    except InputError as error:
        raise _refusal(str(error)) from error


def execution_input(uri: str, settings: PrepareSettings) -> JsonObject:
    """Return the execution input that prepares the object at `uri` with the same settings."""
    document = settings.model_dump(mode="json", exclude_defaults=True)
    source: dict[str, object] = {"uri": uri}
    source |= {key: document.pop(key) for key in ("separator", "encoding") if key in document}
    return {"source": source, **document}


def upload(path: Path, bucket: str) -> str:
    """Copy the file to the deployment's bucket, to the folder of raw data; return its S3 URI."""
    key = s3_layout.RAW + path.name
    boto3.client("s3").upload_file(str(path), bucket, key)
    return f"s3://{bucket}/{key}"


def _liked_from(path: Path, settings: PrepareSettings) -> float | None:
    """Return the threshold that suits the labels, or None where there is no usual one."""
    try:
        labels = survey([path], settings).labels
    except InputError:
        return None  # the preparation refuses the file too, and names the first problem in it
    return _LIKED_FROM.get(labels.largest) if labels and _are_stars(labels) else None


def _are_stars(labels: Labels) -> bool:
    values = labels.distinct or ()
    return len(values) > 2 and labels.smallest >= 0 and all(value * 2 % 1 == 0 for value in values)


def _summary(settings: PrepareSettings, manifest: Manifest) -> str:
    columns, rows = manifest.columns, manifest.rows.train + manifest.rows.test
    column_of = {role: getattr(columns, role) for role in _ROLES}
    roles = ", ".join(f"{role}={column}" for role, column in column_of.items() if column)
    threshold = settings.label.positive_at_least
    meaning = f" >= {threshold:g} is positive" if threshold is not None else " as it is"
    label = f"label {columns.label}{meaning}" if columns.label else "every row is positive"
    negatives = settings.negatives
    sampling = f"; {negatives.per_positive} negatives sampled for each" if negatives else ""
    return f"{rows:,} rows; {roles}; {label}{sampling}"


def _parse_columns(text: str) -> Columns | None:
    if not text:
        return None
    pairs = dict(part.partition("=")[::2] for part in text.split(","))
    if not set(_ROLES[:2]) <= set(pairs) <= set(_ROLES) or not all(pairs.values()):
        raise CommandError(
            f"COLUMNS={text}: give user=<column>,item=<column> and, if there are any, "
            "label=<column>,timestamp=<column>"
        )
    return Columns.model_validate(pairs)


def _number(arguments: Namespace, flag: str) -> float | None:
    text = getattr(arguments, flag)
    try:
        return float(text) if text else None
    except ValueError:
        raise CommandError(f"{flag.upper()}={text}: give a number, such as 4") from None


def _refusal(message: str) -> CommandError:
    """Return an error with `message` and, for the settings it speaks of, how to give them."""
    flags = [flag for setting, flag in _FLAGS.items() if setting in message]
    return CommandError(f"{message} (here: {', '.join(flags)})" if flags else message)
