"""What one look at the account leads to: calls to make now, and what is still in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One request to AWS.

    Attributes:
        service: The name of the boto3 client.
        operation: The client's method.
        parameters: The method's arguments.
    """

    service: str
    operation: str
    parameters: Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Plan:
    """The next step of a deletion, which has ended when nothing remains.

    Attributes:
        calls: The calls to make now.
        remaining: The names of everything that is still there.
    """

    calls: tuple[Call, ...] = ()
    remaining: tuple[str, ...] = ()

    def __add__(self, other: "Plan") -> "Plan":
        """Return both plans as one."""
        return Plan(self.calls + other.calls, self.remaining + other.remaining)
