"""A person's interactions before anything is started: read, checked, and made part of an input."""

import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from pydantic import ValidationError

from commands.console import CommandError, step
from contract.validation import describe_all
from data_prep import recordio
from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.settings import Columns, Label, Negatives, PrepareSettings

_ROLES = ("user", "item", "label", "timestamp")
# The settings that a refusal may speak of, and what they are called on a command's line.
_FLAGS = {
    "columns.": "COLUMNS=user=<column>,item=<column>,label=<column>",
    "positive_at_least": "POSITIVE_AT_LEAST=4",
    "negatives": "NEGATIVES=4",
    "'separator'": "SEPARATOR=';'",
    "'encoding'": "ENCODING=latin-1",
}
# Where a scale of stars is taken to begin to mean "liked", by the scale's highest value.
_LIKED_FROM = {5.0: 4.0, 10.0: 8.0}


def from_flags(arguments: Namespace) -> PrepareSettings:
    """Return what `data_prep` is told by the flags of `options.add_interactions`.

    Raises:
        CommandError: a flag's value is not valid.
    """
    try:
        return PrepareSettings(
            columns=_parse_columns(arguments.columns),
            label=Label(positive_at_least=_number(arguments, "positive_at_least")),
            negatives=_negatives(arguments),
            separator=arguments.separator.replace("\\t", "\t") or None,
            encoding=arguments.encoding or "utf-8",
        )
    except ValidationError as error:
        raise _refusal(describe_all(error.errors(), whole="the flags")) from error


def check_step(path: Path, settings: PrepareSettings) -> PrepareSettings:
    """Check the interactions as a step, and return the settings with what was detected.

    Raises:
        CommandError: the run would refuse them; with file, line, column and value.
    """
    with step(f"check {path.name}") as current:
        settings, manifest = check(path, settings)
        current.detail = _summary(settings, manifest)
    return settings


def check(path: Path, settings: PrepareSettings) -> tuple[PrepareSettings, Manifest]:
    """Prepare the interactions on this machine, as the run will, and keep nothing.

    A label that is not 0 or 1 but stars, of 5 or of 10, gets the usual threshold.

    Raises:
        CommandError: the run would refuse them.
    """
    try:
        return settings, _prepare(path, settings)[0]
    except InputError as error:
        threshold = _liked_from(path, settings) if error.column else None
        if threshold is None or settings.label.positive_at_least is not None:
            raise _refusal(str(error)) from error
    settings = settings.model_copy(update={"label": Label(positive_at_least=threshold)})
    return settings, _prepare(path, settings)[0]


def execution_input(uri: str, settings: PrepareSettings) -> dict[str, Any]:
    """Return the execution input that prepares the object at `uri` with the same settings."""
    given = settings.model_dump(mode="json", exclude_defaults=True)
    reading = {key: given.pop(key) for key in ("separator", "encoding") if key in given}
    return {"source": {"uri": uri, **reading}, **given}


def upload(path: Path, bucket: str) -> str:
    """Copy the file to the deployment's bucket, below `raw/`, and return its S3 URI."""
    key = f"raw/{path.name}"
    boto3.client("s3").upload_file(str(path), bucket, key)
    return f"s3://{bucket}/{key}"


def _prepare(path: Path, settings: PrepareSettings) -> tuple[Manifest, np.ndarray[Any, Any]]:
    """Return the manifest, and the distinct labels of the test part."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "data"
        manifest = prepare([path], out, settings)
        with (out / "test.recordio").open("rb") as file:
            _, labels = recordio.read(file)
    return manifest, np.unique(labels if labels is not None else [])


def _liked_from(path: Path, settings: PrepareSettings) -> float | None:
    as_regressor = settings.model_copy(update={"predictor_type": "regressor"})
    try:
        _, labels = _prepare(path, as_regressor)
    except InputError:
        return None
    in_half_stars = len(labels) > 2 and labels[0] >= 0 and bool((labels * 2 % 1 == 0).all())
    return _LIKED_FROM.get(float(labels[-1])) if in_half_stars else None


def _summary(settings: PrepareSettings, manifest: Manifest) -> str:
    columns, rows = manifest.columns, manifest.rows.train + manifest.rows.test
    roles = {role: getattr(columns, role) for role in _ROLES}
    named = ", ".join(f"{role}={name}" for role, name in roles.items() if name)
    threshold = settings.label.positive_at_least
    liked = f" >= {threshold:g} is positive" if threshold is not None else " as it is"
    label = f"label {columns.label}{liked}" if columns.label else "every row is positive"
    sampled = settings.negatives
    sampling = f"; {sampled.per_positive} negatives sampled for each" if sampled else ""
    return f"{rows:,} rows; {named}; {label}{sampling}"


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


def _negatives(arguments: Namespace) -> Negatives | None:
    per_positive = _number(arguments, "negatives")
    return (
        None if per_positive is None else Negatives.model_validate({"per_positive": per_positive})
    )


def _number(arguments: Namespace, flag: str) -> float | None:
    text = getattr(arguments, flag)
    try:
        return float(text) if text else None
    except ValueError:
        raise CommandError(f"{flag.upper()}={text}: give a number, such as 4") from None


def _refusal(message: str) -> CommandError:
    """The message, which speaks of settings, with the flags that set them."""
    flags = [flag for setting, flag in _FLAGS.items() if setting in message]
    return CommandError(f"{message} (here: {', '.join(flags)})" if flags else message)
