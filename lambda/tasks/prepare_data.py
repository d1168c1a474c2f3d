"""PrepareData: interactions in S3 become RecordIO, a manifest and a vocabulary in S3."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from contract.validation import describe_all
from data_prep import synthetic
from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.settings import Columns, PrepareSettings
from data_prep.sources.input_file import InputFile, estimated_rows
from tasks.run import execution_input, s3, s3_files
from tasks.run.errors import InvalidInputError
from tasks.run.execution_input import ExecutionInput
from tasks.run.run_paths import Run

logger = Logger(service="PrepareData")
LAB_COLUMNS = Columns(user="user_id", item="item_id", label="interaction")
_ROWS_A_SECOND = 120_000  # a tenth of what was measured on two cores (docs/measurements.md)
_RESERVE_SECONDS = 60  # for what does not grow with the rows
_ROW_BYTES = 2 * 24  # on disk, in the spool and in the buckets of the shuffle
_FEATURE_BYTES = 2 * 8
_OTHER_WAYS = (
    "Give it fewer rows, such as the latest months below a prefix, or prepare them with "
    "`python -m data_prep` on a machine of your own"
)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return where the prepared data are and what the training job is to be told."""
    wanted = execution_input.parse(event["input"])
    run = Run(os.environ["BUCKET"], event["execution"])
    settings = prepare_settings(wanted)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = find_sources(wanted, folder)
        seconds = context.get_remaining_time_in_millis() / 1000
        refuse_too_large(sources, settings, seconds, shutil.disk_usage(folder).free)
        with s3_files.uploads(run.uri("data/")) as open_part:
            try:
                manifest = prepare(
                    sources, folder / "data", settings, progress=logger.info, open_part=open_part
                )
            except InputError as error:
                raise InvalidInputError(str(error)) from error
        s3.upload_folder(folder / "data", run.uri("data/"))
    return training_request(wanted, run, manifest, os.environ["DEPLOYMENT"])


def find_sources(wanted: ExecutionInput, folder: Path) -> Sequence[InputFile]:
    """Return the interactions; without a source, the lab's synthetic ones.

    A URI that ends in a slash is a prefix: all objects below it are the interactions.
    """
    if wanted.source is None:
        synthetic.lab(folder / "lab.csv")
        return [folder / "lab.csv"]
    return s3_files.stored_files(wanted.source.uri)


def refuse_too_large(
    sources: Sequence[InputFile], settings: PrepareSettings, seconds: float, disk_bytes: int
) -> None:
    """Raise InvalidInputError when the time or the disk that are left cannot be enough.

    It is told from the beginning of each source, before anything of them is prepared.
    """
    rows = sum(map(estimated_rows, sources))
    if settings.negatives is not None:
        rows *= 1 + settings.negatives.per_positive
    features = 0 if settings.columns is None else len(settings.columns.features)
    time_for = int((seconds - _RESERVE_SECONDS) * _ROWS_A_SECOND / (1 + features / 2))
    space_for = disk_bytes // (_ROW_BYTES + features * _FEATURE_BYTES)
    about = f"{sources[0]}: the interactions are too large for PrepareData: about {rows:,} rows"
    if rows > time_for:
        raise InvalidInputError(
            f"{about}, and its 15 minutes are surely enough for {max(time_for, 0):,}. {_OTHER_WAYS}"
        )
    if rows > space_for:
        raise InvalidInputError(
            f"{about}, and its disk is enough for {space_for:,}. Set "
            "functions.ephemeral_storage_mib in cdk.json to more (up to 10240) and deploy. "
            f"Or: {_OTHER_WAYS}"
        )


def prepare_settings(wanted: ExecutionInput) -> PrepareSettings:
    """Return what `data_prep` is told by the execution input.

    Raises:
        InvalidInputError: the keys do not fit each other.
    """
    reading = {} if wanted.source is None else wanted.source.model_dump(exclude={"uri"})
    try:
        return PrepareSettings(
            columns=LAB_COLUMNS if wanted.source is None else wanted.columns,
            label=wanted.label,
            split=wanted.split,
            predictor_type=wanted.predictor_type,
            min_count=wanted.min_count,
            duplicates=wanted.duplicates,
            negatives=wanted.negatives,
            **reading,
        )
    except ValidationError as error:
        raise InvalidInputError(describe_all(error.errors(), whole="execution input")) from error


def training_request(
    wanted: ExecutionInput, run: Run, manifest: Manifest, deployment: str
) -> dict[str, Any]:
    """Return this state's result: small, with S3 URIs in the place of data."""
    return {
        "job_name_prefix": run.training_job_prefix(deployment),
        "hyperparameters": wanted.hyperparameters.for_training_job(
            feature_dim=manifest.feature_dim,
            predictor_type=wanted.predictor_type,
            lab=wanted.source is None,
        ),
        "train_uri": run.uri("data/train.recordio"),
        "test_uri": run.uri("data/test.recordio"),
        "model_uri": run.uri("model/"),
        "deploy": wanted.deploy,
    }
