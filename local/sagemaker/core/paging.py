"""Lists: filters, sort orders, pages with NextToken, one rule for every List operation."""

import base64
import binascii
import datetime
from collections.abc import Callable
from typing import Any

from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Response
from local.sagemaker.core.region import Record

DEFAULT_PAGE = 10


def listing(
    call: Call,
    kind: str,
    member: str,
    *,
    name: str,
    status: str | None = None,
    order: str = "Descending",
    keep: Callable[[Record], bool] | None = None,
) -> Response:
    """One page of the resources of a kind, as the request's filters and order ask for.

    Args:
        member: the response's list.
        name: the member that names a resource.
        status: the member that holds its status, for StatusEquals and SortBy=Status.
        order: the SortOrder when the request names none, as the operation documents it.
        keep: a further condition.
    """
    request, region = call.request, call.region
    with region.lock:
        records = [record for record in region.all(kind) if keep is None or keep(record)]
        records = [record for record in records if _matches(record, request, name, status)]
    records.sort(key=lambda record: _order(record, request, name, status))
    if request.get("SortOrder", order) == "Descending":
        records.reverse()
    page, token = slice_page(records, request)
    return {member: page} | ({"NextToken": token} if token else {})


def slice_page(items: list[Any], request: Any) -> tuple[list[Any], str | None]:
    """The page that NextToken and MaxResults name, and the token of the next one."""
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


def _matches(record: Record, request: Any, name: str, status: str | None) -> bool:
    wanted = request.get("NameContains", "") or request.get(f"{name}Contains", "")
    if wanted.lower() not in record[name].lower():
        return False
    if status and request.get("StatusEquals", record[status]) != record[status]:
        return False
    for member in ("CreationTime", "LastModifiedTime"):
        after, before = request.get(f"{member}After"), request.get(f"{member}Before")
        if (after and record[member] <= after) or (before and record[member] >= before):
            return False
    return True


def _order(
    record: Record, request: Any, name: str, status: str | None
) -> tuple[str | datetime.datetime, datetime.datetime]:
    by = request.get("SortBy", "CreationTime")
    if by == "Name":
        return record[name], record["CreationTime"]
    if by == "Status" and status:
        return record[status], record["CreationTime"]
    time: datetime.datetime = record[by] if by in record else record["CreationTime"]
    return time, record["CreationTime"]
