"""What the execution input means for `data_prep` and for the training job; no AWS."""

from typing import TypeVar

from pydantic import ValidationError

from contract import s3_layout
from contract.validation import describe_all
from data_prep import by_time
from data_prep.column_settings import Columns, ItemTable, Table
from data_prep.manifest import Manifest
from data_prep.settings import PrepareSettings
from tasks.preparing.training_time import Training
from tasks.run.errors import InvalidInputError
from tasks.run.execution_input import ExecutionInput, Items, Users
from tasks.run.payloads import TrainingRequest
from tasks.run.run_paths import Run

AnyTable = TypeVar("AnyTable", bound=Table)
LAB_COLUMNS = Columns(user="user_id", item="item_id", label="interaction")


def prepare_settings(execution_input: ExecutionInput) -> PrepareSettings:
    """Return the settings of the preparation.

    Raises:
        InvalidInputError: keys of the input contradict each other.
    """
    source = execution_input.source
    reading = {} if source is None else source.model_dump(exclude={"uri"})
    try:
        return PrepareSettings(
            columns=LAB_COLUMNS if source is None else execution_input.columns,
            label=execution_input.label,
            split=execution_input.split,
            purpose=execution_input.purpose,
            predictor_type=execution_input.predictor_type,
            min_count=execution_input.min_count,
            duplicates=execution_input.duplicates,
            negatives=execution_input.negatives,
            history=execution_input.history,
            most_positives=execution_input.most_positives,
            items=_table(ItemTable, execution_input.items),
            users=_table(Table, execution_input.users),
            **reading,
        )
    except ValidationError as error:
        raise InvalidInputError(describe_all(error.errors(), whole="execution input")) from error


def _table(kind: type[AnyTable], given: Items | Users | None) -> AnyTable | None:
    """Return how a table is read, without where it is."""
    if given is None:
        return None
    return kind.model_validate(given.model_dump(exclude={"uri"}, exclude_unset=True))


def training_to_come(execution_input: ExecutionInput, minutes: int) -> Training:
    """Return what decides how long the training job takes; it is stopped after `minutes`."""
    chosen = execution_input.hyperparameters.chosen(
        purpose=execution_input.purpose, lab=execution_input.source is None
    )
    return Training(int(chosen["epochs"]), int(chosen["num_factors"]), minutes)


def training_request(
    execution_input: ExecutionInput, run: Run, manifest: Manifest, deployment: str
) -> TrainingRequest:
    """Return what the run's training job needs: small, with S3 URIs instead of data."""
    return {
        "job_name_prefix": run.training_job_prefix(deployment),
        "hyperparameters": execution_input.hyperparameters.for_training_job(
            feature_dim=manifest.feature_dim,
            purpose=execution_input.purpose,
            predictor_type=execution_input.predictor_type,
            lab=execution_input.source is None,
        ),
        "train_uri": run.uri(s3_layout.DATA + s3_layout.part("train")),
        "test_uri": run.uri(s3_layout.DATA + s3_layout.part("test")),
        "model_uri": run.uri(s3_layout.MODEL),
    }


def why_not_by_time(execution_input: ExecutionInput, manifest: Manifest) -> str | None:
    """Return why no second model is trained by time, or None if one is.

    Args:
        execution_input: what was asked for.
        manifest: that of the first model's data.
    """
    if manifest.non_zeros is None:
        return "lists are judged by time, of a model for ranking"
    wanted = execution_input.evaluation.by_time
    return by_time.why_not(manifest.split, manifest.columns, manifest.non_zeros, wanted=wanted)


def input_by_time(execution_input: ExecutionInput, manifest: Manifest) -> ExecutionInput:
    """Return the input that prepares the second model's data: the latest rows are held out.

    The size plan is the first model's. Nobody is a stranger: what strangers are known by is drawn
    at random from all times, which a split by time must not look at, and users who were there
    before the split are few.

    Args:
        execution_input: the first model's.
        manifest: that of the first model's data.
    """
    split = execution_input.split.model_copy(update={"strategy": "time", "strangers": 0.0})
    plan = {name: getattr(manifest, name) for name in ("negatives", "history", "most_positives")}
    return execution_input.model_copy(update={"split": split, **plan})
