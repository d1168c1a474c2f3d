"""The input of an execution: every key optional, unknown keys refused by name."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contract.validation import describe_all
from data_prep.column_settings import Columns, ItemTable, Table
from data_prep.settings import (
    History,
    Label,
    Negatives,
    PredictorType,
    Purpose,
    Split,
    with_purpose,
)
from tasks.run import metric
from tasks.run.errors import InvalidInputError
from tasks.run.hyperparameters import Hyperparameters
from tasks.run.payloads import UncheckedJson

S3Uri = Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
_UNKNOWN_KEY = "no such key in the execution input (docs/execution-input.md lists them)"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Model):
    """Where the interactions are: an object in S3, or a prefix of many, and how to read them."""

    uri: S3Uri
    separator: str | None = None
    encoding: str = "utf-8"


class Items(ItemTable):
    """A table of items in S3, an object or a prefix of many, and how to read it."""

    uri: S3Uri


class Users(Table):
    """A table of users in S3, likewise."""

    uri: S3Uri


class Gate(_Model):
    """What a model must reach before it is deployed.

    Attributes:
        metric: what decides; by default `ndcg@10` for purpose ranking, `auc` for classification and
            `rmse` for rating.
        minimum: the worst value accepted (for a loss or error the largest).
        must_beat_baseline: whether the 95 % interval of the paired difference to the baseline must
            lie above zero.
        must_beat_live_by: the least difference to the live model, which may be negative. None
            accepts what is not significantly worse, beyond what two trainings of the same data
            may differ by.
    """

    metric: str | None = None
    minimum: Finite | None = None
    must_beat_baseline: bool = True
    must_beat_live_by: Finite | None = None


class Evaluation(_Model):
    """How a model is judged.

    Attributes:
        by_time: for purpose ranking, whether a second model is trained on the earlier interactions
            and judged by the later ones, beside the split at random. None: where there are
            timestamps, unless the data are large.
    """

    by_time: bool | None = None


class ExecutionInput(_Model):
    """The settings of an execution (docs/execution-input.md).

    Without `purpose`, a `source` means ranking, except that `predictor_type` binary_classifier
    means classification and regressor rating. The lab's data, which are meant without a source,
    are for classification.
    """

    source: Source | None = None
    purpose: Purpose = "classification"
    items: Items | None = None
    users: Users | None = None
    columns: Columns | None = None
    label: Label = Label()
    split: Split = Split()
    min_count: Annotated[int, Field(ge=1)] = 1
    duplicates: Literal["keep", "last", "sum"] = "keep"
    negatives: Negatives | None = None
    history: History | None = None
    most_positives: Annotated[int, Field(ge=1)] | None = None
    predictor_type: PredictorType = "binary_classifier"
    hyperparameters: Hyperparameters = Hyperparameters()
    evaluation: Evaluation = Evaluation()
    gate: Gate = Gate()
    deploy: bool = True
    model_data_url: S3Uri | None = None

    @property
    def enforces_gate(self) -> bool:
        """Whether a model that the gate does not accept ends the execution.

        Without a source the data are the lab's, which ends with a live endpoint though nothing can
        be learned from its labels: there, only a gate that is in the input is enforced.
        """
        return self.source is not None or "gate" in self.model_fields_set

    @model_validator(mode="before")
    @classmethod
    def _purpose_and_predictor_type(cls, values: Any) -> Any:  # unchecked input
        if not isinstance(values, dict) or values.get("model_data_url") is not None:
            return values
        says = any(values.get(key) is not None for key in ("purpose", "predictor_type"))
        ranks = values.get("source") is not None and not says
        return with_purpose({**values, "purpose": "ranking"} if ranks else values)

    @model_validator(mode="after")
    def _has_the_metric(self) -> "ExecutionInput":
        known = metric.of_gate(self.predictor_type)
        if self.gate.metric not in (None, *known):
            raise ValueError(
                f"gate.metric: a {self.predictor_type} has no {self.gate.metric}; "
                f"choose one of {', '.join(known)}"
            )
        return self

    @model_validator(mode="after")
    def _can_be_judged_by_time(self) -> "ExecutionInput":
        if self.evaluation.by_time and self.purpose != "ranking":
            raise ValueError("evaluation.by_time is for purpose ranking: lists are judged")
        if self.evaluation.by_time and self.split.by_time:
            raise ValueError("evaluation.by_time is beside a random split: this one is by time")
        return self

    @model_validator(mode="after")
    def _roll_back_stands_alone(self) -> "ExecutionInput":
        others = self.model_fields_set - {"model_data_url"}
        if self.model_data_url is not None and others:
            raise ValueError(f"model_data_url deploys a model as it is: leave out {sorted(others)}")
        return self


def parse(document: UncheckedJson) -> ExecutionInput:
    """Return the execution input in `document`, the JSON value that a person gave.

    Raises:
        InvalidInputError: a key is unknown or a value is not valid; the message names each.
    """
    try:
        return ExecutionInput.model_validate(document)
    except ValidationError as error:
        problems = describe_all(error.errors(), whole="execution input", unknown_key=_UNKNOWN_KEY)
        raise InvalidInputError(problems) from error
