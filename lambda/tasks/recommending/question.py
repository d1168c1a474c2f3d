"""What the recommend function can be asked."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_ITEMS = 1000


class InvalidQuestionError(ValueError):
    """The question does not fit the model; the message says what does."""


def _text_or_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("give a text or a number")
    return value


Values = dict[str, Annotated[Any, AfterValidator(_text_or_number)]]  # of side features, by column


class Question(BaseModel):
    """What can be asked (docs/recommendations.md); unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    user: Annotated[str, Field(min_length=1, max_length=1000)]
    n: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 10
    context: Values = {}
    new_items: Annotated[dict[str, Values], Field(max_length=MOST_ITEMS)] = {}
    exclude: Annotated[tuple[str, ...], Field(max_length=10_000)] = ()
    include_seen: bool = False
    explain: bool = False
