"""The recommend function's questions and answers."""

from typing import Annotated, Any, NotRequired, TypeAlias, TypedDict

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_ITEMS = 1000


class InvalidQuestionError(ValueError):
    """The question does not fit the model; the message says why."""


def _text_or_number(value: Any) -> str | int | float:  # Any: not checked yet
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("give a text or a number")
    return value


# Values of side features by column, as the client gave them: a union of types would convert them.
FeatureValues: TypeAlias = dict[str, Annotated[Any, AfterValidator(_text_or_number)]]


class Question(BaseModel):
    """A request for recommendations (docs/recommendations.md); unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    user: Annotated[str, Field(min_length=1, max_length=1000)]
    n: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 10
    context: FeatureValues = {}
    new_items: Annotated[dict[str, FeatureValues], Field(max_length=MOST_ITEMS)] = {}
    exclude: Annotated[tuple[str, ...], Field(max_length=10_000)] = ()
    include_seen: bool = False
    explain: bool = False


class PairTerm(TypedDict):
    """What two fields contribute together."""

    fields: list[str]
    term: float


class Explanation(TypedDict):
    """The terms that add up to a raw score, except that only the strongest pairs are listed."""

    bias: float
    linear: dict[str, float]
    pairs: list[PairTerm]
    raw_score: float


class Recommendation(TypedDict):
    """An item of the list."""

    item: str
    score: float
    explanation: NotRequired[Explanation]


class Answer(TypedDict):
    """The list, best first; `fallback` is "average_user" for a user whom training does not know."""

    user: str
    fallback: str | None
    recommendations: list[Recommendation]
