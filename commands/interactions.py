"""A person's interactions before anything is started: read, checked, and made part of an input."""

import tempfile
from pathlib import Path
from typing import Any

import boto3

from commands.console import CommandError
from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.prepare import prepare
from data_prep.settings import Columns, Label, PrepareSettings

_ROLES = ("user", "item", "label", "timestamp")


def parse_columns(text: str) -> Columns | None:
    """Return the column roles in `user=...,item=...,label=...[,timestamp=...]`; none if empty.

    Raises:
        CommandError: a role is unknown or missing.
    """
    if not text:
        return None
    pairs = dict(part.partition("=")[::2] for part in text.split(","))
    unknown, missing = sorted(set(pairs) - set(_ROLES)), sorted(set(_ROLES[:3]) - set(pairs))
    if unknown or missing or not all(pairs.values()):
        raise CommandError(
            f"COLUMNS={text}: give user=<column>,item=<column>,label=<column> and, if there is one, "
            "timestamp=<column>"
        )
    return Columns.model_validate(pairs)


def check(path: Path, settings: PrepareSettings) -> tuple[Manifest, list[str]]:
    """Prepare the interactions on this machine, as the run will, and keep nothing.

    Returns the manifest and what was detected on the way.

    Raises:
        CommandError: the run would refuse them; with file, line, column and value.
    """
    notes: list[str] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            manifest = prepare([path], Path(folder) / "data", settings, progress=notes.append)
    except InputError as error:
        raise CommandError(str(error)) from error
    return manifest, notes


def settings(columns: Columns | None, positive_at_least: float | None, separator: str | None) -> PrepareSettings:
    """Return what `data_prep` is told by the flags."""
    label = Label(positive_at_least=positive_at_least)
    return PrepareSettings(columns=columns, label=label, separator=separator)


def execution_input(uri: str, chosen: PrepareSettings) -> dict[str, Any]:
    """Return the execution input that prepares the object at `uri` with the same settings."""
    source: dict[str, Any] = {"uri": uri}
    if chosen.separator is not None:
        source["separator"] = chosen.separator
    document: dict[str, Any] = {"source": source}
    if chosen.columns is not None:
        document["columns"] = chosen.columns.model_dump(mode="json")
    if chosen.label.positive_at_least is not None:
        document["label"] = {"positive_at_least": chosen.label.positive_at_least}
    return document


def upload(path: Path, bucket: str) -> str:
    """Copy the file to the deployment's bucket, below `raw/`, and return its S3 URI."""
    key = f"raw/{path.name}"
    boto3.client("s3").upload_file(str(path), bucket, key)
    return f"s3://{bucket}/{key}"
