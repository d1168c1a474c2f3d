"""What the service knows of an operation: how to run it, what it acts on, which roles it passes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.ministack.adapter import Caller
from local.sagemaker.core.region import Region

Request = Mapping[str, Any]
Response = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request to the service, checked and authorised."""

    region: Region
    caller: Caller
    request: Request


def _everything(_region: Region, _request: Request) -> str:
    return "*"


def _none(_request: Request) -> list[str]:
    return []


@dataclass(frozen=True)
class Operation:
    """An operation: `resource` gives the ARN to authorise, `roles` the roles that it passes."""

    run: Callable[[Call], Response]
    resource: Callable[[Region, Request], str] = _everything
    roles: Callable[[Request], list[str]] = _none


def named(kind: str, *members: str) -> Callable[[Region, Request], str]:
    """The ARN of the resource of a kind whose name is made of these members of the request."""

    def resource(region: Region, request: Request) -> str:
        return region.arn(kind, *(str(request[member]) for member in members))

    return resource


def role_member(*path: str) -> Callable[[Request], list[str]]:
    """The role that stands at this path in the request, if any."""

    def roles(request: Request) -> list[str]:
        value: Any = request
        for member in path:
            value = (value or {}).get(member)
        return [value] if value else []

    return roles
