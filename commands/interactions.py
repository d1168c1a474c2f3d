"""A person's interactions before anything is started: checked, and made part of an input."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import boto3
from rich.markup import escape

from commands.console import console, step
from commands.execution import JsonObject
from commands.flags import Files, refusal
from contract import s3_layout
from data_prep import by_time
from data_prep.errors import InputError
from data_prep.pipeline.side_table import describe_join
from data_prep.preparation import Rehearsal, rehearse
from data_prep.settings import Label, PrepareSettings
from data_prep.survey import Labels, survey

_ROLES = ("user", "item", "label", "timestamp")
# The highest rating of a scale of stars -> the lowest that is taken to mean "liked".
_LIKED_FROM = {5.0: 4.0, 10.0: 8.0}


@dataclass(frozen=True)
class Checked:
    """Interactions that a run will not refuse.

    Attributes:
        files: the interactions, and the tables beside them.
        settings: how they are prepared, with what was detected.
        by_time: false: no second model is trained by time; None: the run decides.
    """

    files: Files
    settings: PrepareSettings
    by_time: bool | None = None


def check_step(files: Files, settings: PrepareSettings, *, not_by_time: str = "") -> Checked:
    """Check the interactions as a step.

    How the tables beside them fit is shown, the size plan, and whether there is a second model.

    Args:
        files: the interactions, and the tables beside them.
        settings: how they are to be prepared.
        not_by_time: why no second model is to be trained by time; "": the run decides.

    Raises:
        CommandError: the run would refuse them; the message has file, line, column and value.
    """
    with step(f"check {', '.join(path.name for path in files.by_key.values())}") as current:
        settings, found = check(files, settings)
        current.detail = _summary(settings, found)
    for line in _notes(found, settings, not_by_time):
        console.print(escape(line))
    return Checked(files, settings, False if not_by_time else None)


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
    items = [] if files.items is None else [files.items]
    users = [] if files.users is None else [files.users]
    try:
        return settings, rehearse([files.interactions], settings, items=items, users=users)
    except InputError as error:
        raise refusal(str(error)) from error


def upload_step(checked: Checked, bucket: str) -> JsonObject:
    """Copy the files to the bucket's folder of raw data; return the input that prepares them."""
    uris = {}
    with step("upload the interactions") as current:
        for name, path in checked.files.by_key.items():
            key = s3_layout.RAW + path.name
            boto3.client("s3").upload_file(str(path), bucket, key)
            uris[name] = f"s3://{bucket}/{key}"
        current.detail = ", ".join(uris.values())
    document = execution_input(uris, checked.settings)
    if checked.by_time is None:
        return document
    return {**document, "evaluation": {"by_time": checked.by_time}}


def execution_input(uris: Mapping[str, str], settings: PrepareSettings) -> JsonObject:
    """Return the execution input that prepares files in S3 with the same settings.

    Args:
        uris: the files by their key in the input: "source", "items", "users".
        settings: those that were given, and those that were detected.
    """
    # The predictor type follows from the purpose.
    document = settings.model_dump(mode="json", exclude_unset=True, exclude={"predictor_type"})
    reading = {key: document.pop(key) for key in ("separator", "encoding") if key in document}
    settings_of = {**document, "source": reading}
    return document | {
        name: {"uri": uri, **settings_of.get(name, {})} for name, uri in uris.items()
    }


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


def _notes(found: Rehearsal, settings: PrepareSettings, not_by_time: str) -> Iterator[str]:
    """Yield a line for each table; for ranking one for the size plan, one for the second model."""
    if found.tables.items is not None:
        yield describe_join("items", found.tables.items)
    if found.tables.users is not None:
        yield describe_join("users", found.tables.users)
    if found.plan is None:
        return
    yield str(found.plan)
    split = settings.split
    reason = not_by_time or by_time.why_not(split, found.columns, found.plan.non_zeros)
    if reason:
        yield f"No second model by time: {reason}."
    else:
        yield (
            "A second model is trained by time, to judge only: on all but the latest "
            f"{split.test_fraction:.0%} of the interactions, after the first one."
        )


def _summary(settings: PrepareSettings, found: Rehearsal) -> str:
    columns = found.columns
    column_of = {role: getattr(columns, role) for role in _ROLES}
    roles = ", ".join(f"{role}={column}" for role, column in column_of.items() if column)
    threshold = settings.label.positive_at_least
    meaning = f" >= {threshold:g} is positive" if threshold is not None else " as it is"
    label = f"label {columns.label}{meaning}" if columns.label else "every row is positive"
    negatives = None if found.plan else settings.negatives  # the plan says it
    sampling = f"; {negatives.per_positive} negatives sampled for each" if negatives else ""
    return f"{found.rows:,} rows; {roles}; {label}{sampling}"
