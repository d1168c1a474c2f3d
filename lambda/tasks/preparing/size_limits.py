"""Whether interactions fit the time and the disk of a function, estimated before any work."""

from collections.abc import Sequence

from data_prep.settings import PrepareSettings
from data_prep.sources.input_file import InputFile, estimated_rows
from tasks.run.errors import InvalidInputError

_ROWS_PER_SECOND = 120_000  # a tenth of what was measured on two cores (docs/measurements.md)
_RESERVE_SECONDS = 60  # for what does not grow with the rows
_ROW_BYTES = 2 * 24  # on disk, in the spool and in the buckets of the shuffle
_FEATURE_BYTES = 2 * 8
_ALTERNATIVES = (
    "Use fewer rows, such as the latest months below a prefix, or prepare them with "
    "`python -m data_prep` on your own machine"
)


def refuse_too_large(
    sources: Sequence[InputFile], settings: PrepareSettings, seconds: float, disk_bytes: int
) -> None:
    """Refuse interactions for which the remaining time or disk may not be enough.

    The rows are estimated from the beginning of each source.

    Args:
        sources: the interactions, at least one file.
        settings: how they are to be prepared.
        seconds: until the function is stopped.
        disk_bytes: that are free.

    Raises:
        InvalidInputError: time or disk may not be enough; with the limit and the alternatives.
    """
    rows = sum(map(estimated_rows, sources))
    if settings.negatives is not None:
        rows *= 1 + settings.negatives.per_positive
    features = 0 if settings.columns is None else len(settings.columns.features)
    rows_in_time = int((seconds - _RESERVE_SECONDS) * _ROWS_PER_SECOND / (1 + features / 2))
    rows_on_disk = disk_bytes // (_ROW_BYTES + features * _FEATURE_BYTES)
    problem = f"{sources[0]}: the interactions are too large for PrepareData: about {rows:,} rows"
    if rows > rows_in_time:
        raise InvalidInputError(
            f"{problem}, and at a conservative estimate its 15 minutes are enough for only "
            f"{max(rows_in_time, 0):,}. {_ALTERNATIVES}"
        )
    if rows > rows_on_disk:
        raise InvalidInputError(
            f"{problem}, and its disk is enough for only {rows_on_disk:,}. Set "
            "functions.ephemeral_storage_mib in cdk.json to more (up to 10240) and deploy. "
            f"Or: {_ALTERNATIVES}"
        )
