"""Whether interactions fit a function's time and disk and a job's time, estimated beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_prep import size_plan
from data_prep.settings import PrepareSettings
from data_prep.sources.input_file import InputFile, estimated_rows
from tasks.preparing.training_time import Training
from tasks.run.errors import InvalidInputError

# A tenth of what was measured on two cores (docs/measurements.md).
_ROWS_PER_SECOND = 120_000
_NON_ZEROS_PER_SECOND = 600_000
_IDS = 2  # non-zeros of a row without features: user and item
_RESERVE_SECONDS = 60  # for what does not grow with the rows
# On disk, in the spool and in the buckets of the shuffle.
_ROW_BYTES = 2 * 24
_HISTORY_BYTES = 2 * 12
_FEATURE_BYTES = 2 * 8
_POSITIVES_OF_A_USER = (
    100  # typical of what people keep; the files tell nothing before they are read
)
_ALTERNATIVES = (
    "Use fewer rows, such as the latest months below a prefix, or prepare them with "
    "`python -m data_prep` on your own machine"
)


@dataclass(frozen=True)
class _Work:
    """What a preparation takes.

    Attributes:
        rows: to write, about.
        non_zeros: in these, about.
        seconds: to read, sort and write them.
        row_bytes: of a row on disk.
    """

    rows: int
    non_zeros: int
    seconds: float
    row_bytes: int


def refuse_too_large(
    sources: Sequence[InputFile],
    settings: PrepareSettings,
    seconds: float,
    disk_bytes: int,
    training: Training | None = None,
) -> None:
    """Refuse interactions for which the remaining time or disk, or the job's time, is not enough.

    The rows are estimated from the beginning of each source.

    Args:
        sources: the interactions, at least one file.
        settings: how they are to be prepared.
        seconds: until the function is stopped.
        disk_bytes: that are free.
        training: the job that is to follow; None: it is known to fit.

    Raises:
        InvalidInputError: time or disk may not be enough; with the limit and the alternatives.
    """
    work = _work(sum(map(estimated_rows, sources)), settings)
    rows_on_disk = disk_bytes // work.row_bytes
    problem = (
        f"{sources[0]}: the interactions are too large for PrepareData: about {work.rows:,} rows"
    )
    if work.seconds > seconds - _RESERVE_SECONDS:
        rows_in_time = int(work.rows * max(seconds - _RESERVE_SECONDS, 0) / work.seconds)
        raise InvalidInputError(
            f"{problem}, and at a conservative estimate its 15 minutes are enough for only "
            f"{rows_in_time:,}. {_ALTERNATIVES}"
        )
    if work.rows > rows_on_disk:
        raise InvalidInputError(
            f"{problem}, and its disk is enough for only {rows_on_disk:,}. Set "
            "functions.ephemeral_storage_mib in cdk.json to more (up to 10240) and deploy. "
            f"Or: {_ALTERNATIVES}"
        )
    if training is not None and (reason := training.problem(work.rows, work.non_zeros)):
        raise InvalidInputError(f"{sources[0]}: training would not end in time: {reason}")


def _work(rows: int, settings: PrepareSettings) -> _Work:
    features = _features(settings)
    row_bytes = _ROW_BYTES + features * _FEATURE_BYTES
    row_seconds = (1 + features / 2) / _ROWS_PER_SECOND
    if settings.ranks:
        users = -(-rows // _POSITIVES_OF_A_USER)
        plan = size_plan.plan(np.full(users, _POSITIVES_OF_A_USER), settings, features)
        seconds = rows * row_seconds + plan.non_zeros / _NON_ZEROS_PER_SECOND
        return _Work(plan.rows, plan.non_zeros, seconds, row_bytes + _HISTORY_BYTES)
    if settings.negatives is not None:
        rows *= 1 + settings.negatives.per_positive
    return _Work(rows, rows * (_IDS + features), rows * row_seconds, row_bytes)


def _features(settings: PrepareSettings) -> int:
    return 0 if settings.columns is None else len(settings.columns.features)
