"""SageMaker's state in one account and region: its resources, with their tags and names."""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar, cast

from contract.regions import partition
from local.sagemaker.core import wire
from local.sagemaker.core.api import Description, Structure


@dataclass(eq=False)
class Resource:
    """A resource of a region. Subclasses add what lives in this process only.

    Hold the region's lock around every look at a description and every change of it.

    Attributes:
        kind: what ARNs call the type, `training-job`.
        noun: what the operations are called after, `TrainingJob`.
        named_by: the members of requests and descriptions that name the resource; the last is
            its name, the others say where it is.
        region: where the resource is.
        description: what the Describe operation answers, and no other member. This is what is
            saved.
    """

    kind: ClassVar[str]
    noun: ClassVar[str]
    named_by: ClassVar[tuple[str, ...]]

    region: "Region"
    description: Description

    @classmethod
    def create(cls, region: "Region", members: Structure) -> Self:
        """Return a resource described by those of `members` that the Describe operation has."""
        return cls(region, wire.described(f"Describe{cls.noun}", members))

    @classmethod
    def path(cls, members: Structure) -> tuple[str, ...]:
        """Return the names in a request or description that an ARN is made of."""
        return tuple(str(members[member]) for member in cls.named_by)

    def update(self, members: Structure) -> None:
        """Change the description by those of `members` that the Describe operation has.

        Members that are None stay as they are.
        """
        self.description.update(wire.described(f"Describe{self.noun}", members))

    @property
    def arn(self) -> str:
        """The ARN of the resource."""
        return self.region.arn(self.kind, *self.path(self.description))


R = TypeVar("R", bound=Resource)


class Region:
    """The resources of one account and region; hold `lock` around every look and change."""

    def __init__(self, account: str, name: str) -> None:
        self.account = account
        self.name = name
        self.lock = threading.RLock()
        self.tables: dict[str, dict[str, Resource]] = {}  # by kind, and by name
        self.tags: dict[str, dict[str, str]] = {}  # by ARN

    def arn(self, kind: str, *path: str) -> str:
        """Return the ARN of a resource; SageMaker writes names in ARNs in lower case."""
        service = f"arn:{partition(self.name).name}:sagemaker:{self.name}:{self.account}"
        return f"{service}:{kind}/{_key(path)}"

    def has(self, kind: str, *path: str) -> bool:
        """Tell whether there is a resource of this kind and name."""
        return _key(path) in self.tables.get(kind, {})

    def get(self, resource_type: type[R], *path: str) -> R | None:
        """Return a resource by its name, or None; names differ by more than case."""
        return cast(R | None, self.tables.get(resource_type.kind, {}).get(_key(path)))

    def all(self, resource_type: type[R]) -> list[R]:
        """Return every resource of a type, oldest first."""
        return cast(list[R], list(self.tables.get(resource_type.kind, {}).values()))

    def add(self, resource: Resource) -> None:
        """Add a resource under the name in its description."""
        key = _key(resource.path(resource.description))
        self.tables.setdefault(resource.kind, {})[key] = resource

    def remove(self, resource: Resource) -> None:
        """Remove a resource and its tags, if it is still there."""
        self.tables.get(resource.kind, {}).pop(_key(resource.path(resource.description)), None)
        self.tags.pop(resource.arn, None)


def new_id(length: int = 12) -> str:
    """Return a random identifier of lower-case letters and digits."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))


def _key(path: Iterable[str]) -> str:
    return "/".join(path).lower()
