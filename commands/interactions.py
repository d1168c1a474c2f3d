"""A person's interactions before anything is started: checked, and made part of an input."""

from collections.abc import Mapping

import boto3

from commands.console import console, step
from commands.execution import JsonObject
from commands.flags import Files, refusal
from contract import s3_layout
from data_prep.errors import InputError
from data_prep.preparation import Rehearsal, rehearse
from data_prep.settings import Label, PrepareSettings
from data_prep.survey import Labels, survey

_ROLES = ("user", "item", "label", "timestamp")
# The highest rating of a scale of stars -> the lowest that is taken to mean "liked".
_LIKED_FROM = {5.0: 4.0, 10.0: 8.0}


def check_step(files: Files, settings: PrepareSettings) -> PrepareSettings:
    """Check the interactions as a step, and return the settings with what was detected.

    The size plan is shown, if there is one.

    Raises:
        CommandError: the run would refuse them; the message has file, line, column and value.
    """
    with step(f"check {', '.join(path.name for path in files.all)}") as current:
        settings, found = check(files, settings)
        current.detail = _summary(settings, found)
    if found.plan is not None:
        console.print(str(found.plan))
    return settings


def check(files: Files, settings: PrepareSettings) -> tuple[PrepareSettings, Rehearsal]:
    """Prepare the interactions on this machine, as the run will, up to the writing.

    Labels that are ratings on a scale of 5 or 10 stars get the usual threshold, unless the model is
    to learn the ratings themselves.

    Returns:
        The settings with the threshold, and what was found.

    Raises:
        CommandError: the run would refuse them.
    """
    if settings.label.positive_at_least is None and settings.purpose != "rating":
        threshold = _liked_from(files, settings)
        if threshold is not None:
            settings = settings.model_copy(update={"label": Label(positive_at_least=threshold)})
    tables = {name: [path] for name, path in files.tables.items()}
    try:
        return settings, rehearse([files.interactions], settings, **tables)
    except InputError as error:
        raise refusal(str(error)) from error


def execution_input(uris: Mapping[str, str], settings: PrepareSettings) -> JsonObject:
    """Return the execution input that prepares uploaded files with the same settings.

    Args:
        uris: what `upload` returned.
        settings: those that were given, and those that were detected.
    """
    # The predictor type follows from the purpose.
    document = settings.model_dump(mode="json", exclude_unset=True, exclude={"predictor_type"})
    reading = {key: document.pop(key) for key in ("separator", "encoding") if key in document}
    sources = {"source": reading, "items": {}, "users": {}}
    return document | {
        name: {"uri": uri, **sources[name], **document.get(name, {})} for name, uri in uris.items()
    }


def upload(files: Files, bucket: str) -> dict[str, str]:
    """Copy the files to the bucket, to the folder of raw data, as a step.

    Returns:
        Their S3 URIs by the key of the execution input: "source", "items", "users".
    """
    with step("upload the interactions") as current:
        uris = {}
        for name, path in {"source": files.interactions, **files.tables}.items():
            key = s3_layout.RAW + path.name
            boto3.client("s3").upload_file(str(path), bucket, key)
            uris[name] = f"s3://{bucket}/{key}"
        current.detail = ", ".join(uris.values())
    return uris


def _liked_from(files: Files, settings: PrepareSettings) -> float | None:
    """Return the threshold that suits the labels, or None where there is no usual one."""
    try:
        labels = survey([files.interactions], settings).labels
    except InputError:
        return None  # the preparation refuses the file too, and names the first problem in it
    return _LIKED_FROM.get(labels.largest) if labels and _are_stars(labels) else None


def _are_stars(labels: Labels) -> bool:
    values = labels.distinct or ()
    return len(values) > 2 and labels.smallest >= 0 and all(value * 2 % 1 == 0 for value in values)


def _summary(settings: PrepareSettings, found: Rehearsal) -> str:
    columns = found.columns
    column_of = {role: getattr(columns, role) for role in _ROLES}
    roles = ", ".join(f"{role}={column}" for role, column in column_of.items() if column)
    threshold = settings.label.positive_at_least
    meaning = f" >= {threshold:g} is positive" if threshold is not None else " as it is"
    label = f"label {columns.label}{meaning}" if columns.label else "every row is positive"
    negatives = settings.negatives
    sampling = f"; {negatives.per_positive} negatives sampled for each" if negatives else ""
    if found.plan is not None:
        sampling = ""  # the plan says it
    return f"{found.rows:,} rows; {roles}; {label}{sampling}"
