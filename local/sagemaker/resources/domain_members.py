"""What user profiles and spaces have in common: both are members of a domain."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from local.sagemaker.core import paging
from local.sagemaker.core.api import Description, Response, Structure
from local.sagemaker.core.errors import in_use, not_found
from local.sagemaker.core.operation import Call
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import later, now
from local.sagemaker.resources import domains, lifecycle_configs
from local.sagemaker.resources.studio import (
    TRANSIENT,
    App,
    StudioResource,
    check_unused,
    live_apps,
)

Member = TypeVar("Member", bound=StudioResource)


def find(region: Region, member_type: type[Member], domain_id: str, name: str) -> Member:
    """Return a member of a domain.

    Raises:
        ServiceError: ResourceNotFound.
    """
    member = region.get(member_type, domain_id, name)
    if member is None:
        raise not_found(f"{member_type.noun} [{name}] does not exist in Domain [{domain_id}].")
    return member


def named_in(call: Call, member_type: type[Member]) -> Member:
    """Return the member of a domain that a request names.

    Raises:
        ServiceError: ResourceNotFound.
    """
    return find(call.region, member_type, *member_type.path(call.request))


def create(call: Call, member_type: type[Member], more: Structure | None = None) -> Member:
    """Make a member of a domain, which is in service soon; call it under the region's lock.

    Args:
        call: the Create operation.
        member_type: what to make.
        more: members of the description besides those of the request.

    Raises:
        ServiceError: the domain is not in service, or the name is taken.
    """
    request, region = call.request, call.region
    domain_id, name = member_type.path(request)
    domain = domains.find_ready(region, domain_id)
    lifecycle_configs.check_references(region, request)
    if region.get(member_type, domain_id, name):
        raise in_use(f"{member_type.noun} [{name}] already exists in Domain [{domain_id}].")
    member = member_type.create(
        region,
        {
            **request,
            f"{member_type.noun}Arn": region.arn(member_type.kind, domain_id, name),
            "HomeEfsFileSystemUid": domain.next_uid(),
            "Status": "Pending",
            "CreationTime": now(),
            "LastModifiedTime": now(),
            **(more or {}),
        },
    )
    region.add(member)
    keep_tags(member, request)
    later(lambda: member.enter("InService"))
    return member


def update(call: Call, member_type: type[StudioResource], settings: str) -> Response:
    """Update a member of a domain.

    Args:
        call: the Update operation.
        member_type: what to update.
        settings: the member of the request whose settings replace those of the same name only.
    """
    region, request = call.region, call.request
    with region.lock:
        member = named_in(call, member_type)
        if member.status in TRANSIENT:
            raise in_use(f"{member_type.noun} is in status {member.status}.")
        lifecycle_configs.check_references(region, request)
        member.merge(request, (settings,))
        member.enter("Updating")
    later(lambda: member.enter("InService"))
    return member.description


def delete(member: StudioResource, users: Mapping[type[Resource], Sequence[Resource]]) -> None:
    """Delete a member of a domain soon; call it under the region's lock.

    Args:
        member: what to delete.
        users: what may use it besides apps.

    Raises:
        ServiceError: ResourceInUse.
    """
    region = member.region
    domain_id, name = member.path(member.description)
    apps = live_apps(region, **{"DomainId": domain_id, member.named_by[-1]: name})
    check_unused(f'{member.noun} "{name}"', {App: apps, **users})
    member.enter("Deleting")
    later(lambda: _remove(member))


def _remove(member: StudioResource) -> None:
    member.release()
    with member.region.lock:
        member.region.remove(member)


def resume(region: Region, member_type: type[StudioResource]) -> None:
    """Finish what was under way with members of domains when the account was stopped."""
    for member in region.all(member_type):
        if member.status == "Deleting":
            _remove(member)
        elif member.status in TRANSIENT:
            member.enter("InService")


def list_members(
    call: Call,
    member_type: type[StudioResource],
    response_member: str,
    summarise: Callable[[Description], Description] = lambda description: description,
) -> Response:
    """Return a page of the members of a domain, or of all; see `paging.list_resources`."""
    domain_id = call.request.get("DomainIdEquals")
    return paging.list_resources(
        call,
        member_type,
        response_member,
        order="Ascending",
        keep=lambda member: domain_id in (None, member["DomainId"]),
        summarise=summarise,
    )
