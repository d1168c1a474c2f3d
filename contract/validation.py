"""Words the problems that pydantic finds in a person's input, in one way for every reader.

It takes the entries of `ValidationError.errors()` as they are, and so needs no pydantic.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Problem = Mapping[str, Any]  # pydantic's ErrorDetails: its values are of many types
_SHOWN = 100  # characters of a value


def message(problem: Problem) -> str:
    """Return what is wrong, without the prefix that pydantic adds to a validator's message."""
    return str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")


def location(problem: Problem, whole: str) -> str:
    """Return the dotted key of the problem, or `whole` when it concerns all of the input."""
    return ".".join(map(str, problem["loc"])) or whole


def describe(problem: Problem, *, whole: str, unknown_key: str = "no such key") -> str:
    """Return one problem as `key: what is wrong (given: value)`.

    Args:
        problem: an entry of `ValidationError.errors()`.
        whole: what the input as a whole is called, such as "execution input".
        unknown_key: what to say of a key that the model does not have.
    """
    where = location(problem, whole)
    if problem["type"] == "extra_forbidden":
        return f"{where}: {unknown_key}"
    if not problem["loc"] and isinstance(problem["input"], Mapping):
        return message(problem)  # a validator of the whole model names its keys itself
    if problem["type"] == "missing":
        return f"{where}: {message(problem)}"
    return f"{where}: {message(problem)} (given: {str(problem['input'])[:_SHOWN]!r})"


def describe_all(
    problems: Iterable[Problem], *, whole: str, unknown_key: str = "no such key"
) -> str:
    """Return all problems in one line; see `describe`."""
    return "; ".join(
        describe(problem, whole=whole, unknown_key=unknown_key) for problem in problems
    )
