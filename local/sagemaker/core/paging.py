"""Lists: filters, sort orders and pages with NextToken, the same for every List operation."""

import base64
import binascii
import datetime
from collections.abc import Callable
from typing import TypeVar

from local.sagemaker.core.api import Description, Request, Response
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call
from local.sagemaker.core.region import Resource

DEFAULT_PAGE = 10
TIMES = ("CreationTime", "LastModifiedTime")
T = TypeVar("T")


def list_resources(
    call: Call,
    resource_type: type[Resource],
    member: str,
    *,
    status: str | None = None,
    order: str = "Descending",
    keep: Callable[[Description], bool] = lambda _: True,
    summarise: Callable[[Description], Description] = lambda description: description,
) -> Response:
    """Return one page of the resources of a type, with the request's filters and order.

    Args:
        call: the List operation.
        resource_type: what to list.
        member: the response's list.
        status: the member that holds a resource's status, for StatusEquals and SortBy=Status.
        order: the SortOrder of requests that name none, as the operation documents it.
        keep: a further condition.
        summarise: adds the members that the list has and a description has not.

    Raises:
        ServiceError: ValidationException for an invalid NextToken.
    """
    request, region, name = call.request, call.region, resource_type.named_by[-1]
    with region.lock:
        all_of_type = [each.description for each in region.all(resource_type)]
        summaries = [summarise(each) for each in all_of_type if keep(each)]
        summaries = [each for each in summaries if _matches(each, request, name, status)]
        summaries.sort(key=lambda summary: _sort_key(summary, request, name, status))
    if request.get("SortOrder", order) == "Descending":
        summaries.reverse()
    page, token = slice_page(summaries, request)
    return {member: page} | ({"NextToken": token} if token else {})


def slice_page(items: list[T], request: Request) -> tuple[list[T], str | None]:
    """Return the page that NextToken and MaxResults select, and the token of the next one.

    Raises:
        ServiceError: ValidationException for an invalid NextToken.
    """
    first = _position(request.get("NextToken"))
    last = first + request.get("MaxResults", DEFAULT_PAGE)
    token = base64.b64encode(f"after:{last}".encode()).decode() if last < len(items) else None
    return items[first:last], token


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, number = base64.b64decode(token, validate=True).decode().partition(":")
        if word == "after":
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise invalid("Invalid pagination token.")


def _matches(summary: Description, request: Request, name: str, status: str | None) -> bool:
    part = request.get("NameContains", "") or request.get(f"{name}Contains", "")
    if part.lower() not in summary[name].lower():
        return False
    if status and request.get("StatusEquals", summary[status]) != summary[status]:
        return False
    for member in TIMES:
        after, before = request.get(f"{member}After"), request.get(f"{member}Before")
        if (after and summary[member] <= after) or (before and summary[member] >= before):
            return False
    return True


def _sort_key(
    summary: Description, request: Request, name: str, status: str | None
) -> tuple[str | datetime.datetime, datetime.datetime]:
    by = request.get("SortBy", "CreationTime")
    if by == "Name":
        return summary[name], summary["CreationTime"]
    if by == "Status" and status:
        return summary[status], summary["CreationTime"]
    time: datetime.datetime = summary[by] if by in summary else summary["CreationTime"]
    return time, summary["CreationTime"]
