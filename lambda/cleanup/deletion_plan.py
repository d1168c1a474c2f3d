"""What one look at the account leads to: calls to make now, and what is still in the way."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request to AWS: the boto3 client's name, its method, and the parameters."""

    service: str
    operation: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """The next calls, and the names of everything that is still there; done when nothing is."""

    calls: tuple[Call, ...] = ()
    remaining: tuple[str, ...] = ()

    def __add__(self, other: "Plan") -> "Plan":
        return Plan(self.calls + other.calls, self.remaining + other.remaining)
