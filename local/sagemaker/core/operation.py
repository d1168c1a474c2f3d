"""What the service needs of an operation: how to run it, what it acts on, which roles it passes."""

from collections.abc import Callable
from dataclasses import dataclass

from local.ministack.adapter import Caller
from local.sagemaker.core.api import Request, Response, Value
from local.sagemaker.core.region import Region, Resource

FindArn = Callable[[Region, Request], str]
FindRoles = Callable[[Request], list[str]]


@dataclass(frozen=True)
class Call:
    """One request to the service, checked and authorised."""

    region: Region
    caller: Caller
    request: Request


def _everything(_region: Region, _request: Request) -> str:
    return "*"


def _no_roles(_request: Request) -> list[str]:
    return []


@dataclass(frozen=True)
class Operation:
    """An operation of the service.

    Attributes:
        run: answers a call; raises ServiceError.
        arn: the ARN of the resource to authorise.
        roles: the ARNs of the roles that the request passes.
    """

    run: Callable[[Call], Response]
    arn: FindArn = _everything
    roles: FindRoles = _no_roles


def arn_of(resource_type: type[Resource]) -> FindArn:
    """Return what finds the ARN of the resource of a type that a request names."""

    def find(region: Region, request: Request) -> str:
        return region.arn(resource_type.kind, *resource_type.path(request))

    return find


def roles_at(*paths: str) -> FindRoles:
    """Return what finds the roles at these dotted paths in a request, where there are any."""

    def find(request: Request) -> list[str]:
        values = [_value_at(request, path) for path in paths]
        return [role for role in values if role]

    return find


def _value_at(request: Request, path: str) -> Value:
    value: Value = request
    for member in path.split("."):
        value = (value or {}).get(member)
    return value
