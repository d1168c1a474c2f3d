"""PrepareData: interactions in S3 become RecordIO, a manifest and a vocabulary in S3."""

import os
import tempfile
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from data_prep import generate
from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.prepare import prepare
from data_prep.settings import Columns, PrepareSettings
from tasks import execution_input, storage
from tasks.errors import InvalidInputError
from tasks.execution_input import ExecutionInput
from tasks.run import Run

logger = Logger(service="PrepareData")
LAB_COLUMNS = Columns(user="user_id", item="item_id", label="interaction")


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return where the prepared data are and what the training job is to be told."""
    wanted = execution_input.parse(event["input"])
    run = Run(os.environ["BUCKET"], event["execution"])
    with tempfile.TemporaryDirectory() as folder:
        source = fetch_source(wanted, Path(folder))
        out = Path(folder) / "data"
        try:
            manifest = prepare([source], out, prepare_settings(wanted), progress=logger.info)
        except InputError as error:
            raise InvalidInputError(str(error).replace(f"{source.parent}/", "")) from error
        storage.upload_folder(out, run.uri("data/"))
    return training_request(wanted, run, manifest, os.environ["DEPLOYMENT"])


def fetch_source(wanted: ExecutionInput, folder: Path) -> Path:
    """Return a local copy of the interactions; without a source, the lab's synthetic ones.

    A URI that ends in a slash is a prefix: all objects below it are the interactions.
    """
    if wanted.source is None:
        generate.lab(folder / "lab.csv")
        return folder / "lab.csv"
    if wanted.source.uri.endswith("/"):
        return storage.download_folder(wanted.source.uri, folder / "source")
    return storage.download(wanted.source.uri, folder / Path(wanted.source.uri).name)


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
        raise InvalidInputError("; ".join(problem["msg"] for problem in error.errors())) from error


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
