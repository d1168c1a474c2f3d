"""What the states of the state machine get and return.

An execution's state is one JSON object that grows: ReadInput makes an `Execution`, and each state
adds its result under the key that the classes `...Event` name (`stacks/state_machine.py` has the
paths). Only `input` comes from a person; `tasks.run.execution_input` checks it.
"""

from typing import NotRequired, TypeAlias, TypedDict

UncheckedJson: TypeAlias = object  # what a person gave: any JSON value


class Execution(TypedDict):
    """What is known of an execution from its start; the event of PrepareData."""

    execution: str
    execution_arn: str
    started: str  # ISO 8601
    input: UncheckedJson


# ---- PrepareData, TrainModel, PrepareByTime, TrainByTime ----------------------------------------


class TrainingRequest(TypedDict):
    """PrepareByTime's result: what CreateTrainingJob needs."""

    job_name_prefix: str
    hyperparameters: dict[str, str]
    train_uri: str
    test_uri: str
    model_uri: str


class PreparedData(TrainingRequest):
    """PrepareData's result: the same, and which way the execution goes afterwards.

    Attributes:
        not_by_time: why no second model is trained by time; None: one is.
        deploy: whether the first one is deployed.
    """

    not_by_time: str | None
    deploy: bool


class TrainedModel(TypedDict):
    """TrainModel's result, and TrainByTime's."""

    job_name: str
    model_data_url: str


class Failure(TypedDict):
    """What Step Functions caught, or with what a roll-back ends."""

    Error: str
    Cause: NotRequired[str]


class ModelByTime(TypedDict, total=False):
    """What became of the second model: it was trained, or the states that make it failed."""

    trained: TrainedModel
    failure: Failure


# ---- EvaluateModel, GateModel -------------------------------------------------------------------

MetricValues: TypeAlias = dict[str, float | None]  # by metric; None where one is not defined


class DifferenceDocument(TypedDict):
    """By how much the model is better than another system, with the ends of the 95 % interval."""

    by: float | None
    low: float | None
    high: float | None


class ComparisonDocument(TypedDict, total=False):
    """The metrics of all systems; a system that was not compared is missing.

    Attributes:
        intervals: by system and metric, the two ends of the 95 % interval.
        differences: by other system and metric.
    """

    model: MetricValues
    live: MetricValues
    ease: MetricValues
    item_knn: MetricValues
    baseline: MetricValues
    bias_only: MetricValues
    constant: MetricValues
    intervals: dict[str, dict[str, list[float | None]]]
    differences: dict[str, dict[str, DifferenceDocument]]


class RankingSize(TypedDict):
    """How many users' lists are compared, and of how many items."""

    users: int
    items: int


class _StrangersSize(TypedDict):
    users: int


class StrangersDocument(_StrangersSize, ComparisonDocument):
    """The comparison of strangers' lists; the number of users alone when they are too few."""


# A class statement cannot have the key.
_Overlap = TypedDict("_Overlap", {"overlap_with_live@10": float}, total=False)


class RankingDocument(RankingSize, ComparisonDocument, _Overlap):
    """The comparison of the lists; the sizes alone when no user could be judged.

    Attributes:
        strangers: by the number of items that their lists were made from; only for ranking.
        not_compared: by system, why it makes no lists here.
        by_time: the same of the second model, which was trained by time.
        not_by_time: why there is none.
    """

    strangers: NotRequired[dict[str, StrangersDocument]]
    not_compared: NotRequired[dict[str, str]]
    by_time: NotRequired["RankingDocument"]
    not_by_time: NotRequired[str]


class RowsSize(TypedDict):
    """What the evaluated model is for, of what kind it is, and on how many rows it was scored."""

    purpose: str
    predictor_type: str
    rows: int


class EvaluationDocument(RowsSize, ComparisonDocument):
    """The comparison on the held-out rows, and that of the lists; metrics.json adds the verdict."""

    ranking: RankingDocument


class EvaluationResult(EvaluationDocument):
    """EvaluateModel's result: metrics.json, and where it and the report are."""

    metrics_uri: str
    report_uri: str


class Verdict(TypedDict):
    """GateModel's result: whether the model passes, a sentence, and the numbers that decide.

    Attributes:
        better_lists: the metric of the systems that are shown and do not block.
        accepted: whether the numbers are what the gate requires.
        enforced: whether a model that is not accepted ends the execution.
    """

    metric: str
    model: float | None
    interval: list[float | None] | None
    minimum: float | None
    must_beat_live_by: float | None
    baseline: float | None
    baseline_difference: DifferenceDocument | None
    constant: float | None
    constant_difference: DifferenceDocument | None
    live: float | None
    live_difference: DifferenceDocument | None
    better_lists: dict[str, float]
    accepted: bool
    enforced: bool
    summary: str


class EvaluateModelEvent(Execution):
    """The event of EvaluateModel; `by_time` is there if a second model was to be trained."""

    prepared: PreparedData
    trained: TrainedModel
    by_time: NotRequired[ModelByTime]


class GateModelEvent(EvaluateModelEvent):
    """The event of GateModel."""

    evaluation: EvaluationResult


# ---- DeployModel to PublishRecommendations, and the way back -------------------------------------


class DeployModelEvent(Execution):
    """The event of DeployModel; without `trained`, the input names the artifact."""

    trained: NotRequired[TrainedModel]


class DeploymentStatus(TypedDict):
    """DescribeDeployment's result.

    Attributes:
        done: whether the roll-out is done.
        wait_seconds: after which to ask again.
        stack_status: CloudFormation's; missing before it was asked.
    """

    done: bool
    wait_seconds: int
    stack_status: NotRequired[str]


class Deployment(TypedDict):
    """The result of DeployModel and RollBackModel.

    Attributes:
        model_data_url: the artifact that is being deployed; "" for no endpoint.
        previous_model_data_url: the one that was live before; "" for none.
        started: false when the Serving stack serves the artifact already.
        status: how far it is.
    """

    model_data_url: str
    previous_model_data_url: str
    started: bool
    status: DeploymentStatus


class DescribeDeploymentEvent(TypedDict):
    """The event of DescribeDeployment, and of DescribeRollBack, which alone has a `failure`."""

    deployment: Deployment
    failure: NotRequired[Failure]


class DeployedEvent(Execution):
    """The event of VerifyEndpoint and PublishRecommendations."""

    deployment: Deployment


class Agreement(TypedDict):
    """How closely scores agree, and on how many rows."""

    rows: int
    largest_difference: float


class Verification(TypedDict):
    """VerifyEndpoint's result; without an endpoint, 0 rows and no difference."""

    endpoint_name: str
    rows: int
    largest_difference: NotRequired[float]


class RollBackModelEvent(DeployedEvent):
    """The event of RollBackModel."""

    failure: Failure


class VerifyRollBackEvent(RollBackModelEvent):
    """The event of VerifyRollBack."""

    roll_back: Deployment


class PublishedRecommendations(TypedDict):
    """PublishRecommendations' result."""

    uri: str
    users: int
    top_n: int
    shards: int


# ---- NotifyFailure ------------------------------------------------------------------------------


class NotifyFailureEvent(Execution):
    """The event of NotifyFailure."""

    failure: Failure


class FailureNotice(TypedDict):
    """NotifyFailure's result: the error and the cause with which the execution ends."""

    error: str
    cause: str
