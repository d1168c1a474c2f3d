"""The recommend function's questions and answers."""

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired, Self, TypeAlias, TypedDict, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MOST_ITEMS = 1000
MOST_GIVEN = 10_000
_NOT_WITH_SIMILAR = ("context", "new_items", "explain")


class InvalidQuestionError(ValueError):
    """The question does not fit the model; the message says why."""


def _text_or_number(value: Any) -> str | int | float:  # Any: not checked yet
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("give a text or a number")
    return value


# Values of side features by column, as the client gave them: a union of types would convert them.
FeatureValues: TypeAlias = dict[str, Annotated[Any, AfterValidator(_text_or_number)]]
Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=1000)]
Ids: TypeAlias = Annotated[tuple[str, ...], Field(max_length=MOST_GIVEN)]


class Question(BaseModel):
    """A request for recommendations (docs/recommendations.md); unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    user: Id | None = None
    n: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 10
    history: Ids | None = None
    recent: Ids = ()
    similar: Id | None = None
    context: FeatureValues = {}
    new_items: Annotated[dict[str, FeatureValues], Field(max_length=MOST_ITEMS)] = {}
    exclude: Ids = ()
    include_seen: bool = False
    explain: bool = False

    @model_validator(mode="after")
    def _for_someone(self) -> Self:
        if self.user is None and self.history is None and not self.recent and self.similar is None:
            raise ValueError(
                "user: say for whom, as the interactions name the user; or give history (item "
                "ids, newest last), or similar (an item id)"
            )
        return self

    @model_validator(mode="after")
    def _similar_without_scores(self) -> Self:
        idle = [name for name in _NOT_WITH_SIMILAR if getattr(self, name)]
        if self.similar is not None and idle:
            raise ValueError(
                f"{', '.join(idle)}: of no use with similar, which compares items alone"
            )
        return self


class Named(TypedDict):
    """An item, and its title if the data have one."""

    item: str
    title: NotRequired[str]


N = TypeVar("N", bound=Named)


def titled(entry: N, titles: Mapping[str, str]) -> N:
    """Add the item's title, if `titles` has it, and return the entry."""
    if entry["item"] in titles:
        entry["title"] = titles[entry["item"]]
    return entry


class HistoryUse(TypedDict):
    """How many of the items of a history count, and why the others do not.

    Attributes:
        used: that stand for the user.
        unknown: that training does not know.
        doubled: that come again later in the history.
        older: than the newest that the model looks at.
        items: those that are used, oldest first, when an explanation is asked for.
    """

    used: int
    unknown: int
    doubled: int
    older: int
    items: NotRequired[list[Named]]


class Cause(Named):
    """An item of the history, and what it contributes to the score of another."""

    term: float


class PairTerm(TypedDict):
    """What two fields contribute together."""

    fields: list[str]
    term: float


class Explanation(TypedDict):
    """The terms that add up to a raw score, except that only the strongest pairs are listed.

    Attributes:
        because: the items of the history that raise the score most, of a model with histories.
    """

    bias: float
    linear: dict[str, float]
    pairs: list[PairTerm]
    raw_score: float
    because: NotRequired[list[Cause]]


class Recommendation(Named):
    """An item of the list."""

    score: float
    explanation: NotRequired[Explanation]


class Answer(TypedDict):
    """The list, best first.

    Attributes:
        user: as named in the question; None when it names nobody.
        fallback: "history" for someone whom training does not know, by the items that they gave;
            "average_user" when nothing is known of them at all; else None.
        history: what stands for the user; None for a model without histories.
        recommendations: the items.
    """

    user: str | None
    fallback: str | None
    history: HistoryUse | None
    recommendations: list[Recommendation]


class SimilarAnswer(TypedDict):
    """The items most similar to one, whose scores are cosines."""

    similar_to: Named
    recommendations: list[Recommendation]
