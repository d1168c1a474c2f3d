"""Studio domains: created and deleted in the background; one that is in use cannot be deleted."""

import functools
import logging
from collections.abc import Callable

from local.sagemaker.core import paging, quotas
from local.sagemaker.core.api import Request, Response
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, arn_of, roles_at
from local.sagemaker.core.region import Region, new_id
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import later, now, once_serving
from local.sagemaker.resources import home_file_system, lifecycle_configs
from local.sagemaker.resources.studio import (
    TRANSIENT,
    App,
    Domain,
    Space,
    UserProfile,
    check_unused,
    live_apps,
    with_members,
)

log = logging.getLogger("sagemaker")


def find(region: Region, domain_id: str) -> Domain:
    """Return the domain.

    Raises:
        ServiceError: ResourceNotFound.
    """
    domain = region.get(Domain, domain_id)
    if domain is None:
        raise not_found(f"Domain [{domain_id}] does not exist.")
    return domain


def find_ready(region: Region, domain_id: str) -> Domain:
    """Return the domain, in which something is to be made.

    Raises:
        ServiceError: ResourceNotFound, or ResourceInUse if it is not InService.
    """
    domain = find(region, domain_id)
    if domain.status != "InService":
        raise in_use(f"Domain [{domain_id}] is in status {domain.status}; it must be InService.")
    return domain


def resume(region: Region) -> None:
    """Finish what was under way with domains when the account was stopped."""
    finish: dict[str, Callable[[Domain], None]] = {
        "Pending": _finish_creation,
        "Updating": lambda domain: domain.enter("InService"),
        "Deleting": _remove,
    }
    for domain in region.all(Domain):
        inside = {"DomainId": domain.description["DomainId"]}
        members = with_members(region, UserProfile, **inside), with_members(region, Space, **inside)
        uids = [int(each.description["HomeEfsFileSystemUid"]) for part in members for each in part]
        domain.last_uid = max(uids, default=domain.last_uid)
        if domain.status in finish:
            once_serving(functools.partial(finish[domain.status], domain))


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    if "VpcId" not in request or not request.get("SubnetIds"):
        raise invalid("A domain needs a VpcId and SubnetIds.")
    lifecycle_configs.check_references(region, request)
    home_file_system.check_network(region, request["VpcId"], request["SubnetIds"])
    domain_id = f"d-{new_id()}"
    with region.lock:
        _check_name_and_quota(region, request["DomainName"])
        domain = Domain.create(
            region,
            {
                "AppNetworkAccessType": "PublicInternetOnly",
                **request,
                "DomainId": domain_id,
                "DomainArn": region.arn(Domain.kind, domain_id),
                "Status": "Pending",
                "CreationTime": now(),
                "LastModifiedTime": now(),
                "Url": f"https://{domain_id}.studio.{region.name}.sagemaker.aws",
            },
        )
        region.add(domain)
        keep_tags(domain, request)
    later(lambda: _finish_creation(domain))
    return domain.description


def _check_name_and_quota(region: Region, name: str) -> None:
    if with_members(region, Domain, DomainName=name):
        raise in_use(f"Domain with name {name} already exists.")
    quotas.check_domain(len(region.all(Domain)))


def _finish_creation(domain: Domain) -> None:
    try:
        file_system = home_file_system.create(domain)
    except Exception as error:
        log.exception("domain %s", domain.description["DomainId"])
        domain.enter("Failed", str(error))
        return
    with domain.region.lock:
        domain.description["HomeEfsFileSystemId"] = file_system
        domain.enter("InService")


def _update(call: Call) -> Response:
    region = call.region
    with region.lock:
        domain = find_ready(region, call.request["DomainId"])
        lifecycle_configs.check_references(region, call.request)
        domain.merge(call.request, ("DefaultUserSettings", "DefaultSpaceSettings"))
        domain.enter("Updating")
    later(lambda: domain.enter("InService"))
    return domain.description


def _delete(call: Call) -> Response:
    region, request = call.region, call.request
    with region.lock:
        domain = find(region, request["DomainId"])
        inside = {"DomainId": domain.description["DomainId"]}
        check_unused(
            f'Domain "{request["DomainId"]}"',
            {
                App: live_apps(region, **inside),
                Space: with_members(region, Space, **inside),
                UserProfile: with_members(region, UserProfile, **inside),
            },
        )
        if domain.status in TRANSIENT:
            raise in_use(f"Domain [{request['DomainId']}] is in status {domain.status}.")
        domain.enter("Deleting")
    policy = request.get("RetentionPolicy", {})
    retains = policy.get("HomeEfsFileSystem", "Retain") == "Retain"
    later(lambda: _delete_files_and_remove(domain, retains), delay=0.0)
    return {}


def _delete_files_and_remove(domain: Domain, retains: bool) -> None:
    """Delete the domain soon, and its files at once, since the account may be stopped meanwhile."""
    file_system = domain.description.get("HomeEfsFileSystemId")
    try:
        if file_system and not retains:
            home_file_system.delete_file_system(domain.region, file_system)
    except Exception as error:
        log.exception("domain %s", domain.description["DomainId"])
        domain.enter("Delete_Failed", str(error))
        return
    later(lambda: _remove(domain))


def _remove(domain: Domain) -> None:
    with domain.region.lock:
        domain.region.remove(domain)


def _describe(call: Call) -> Response:
    return find(call.region, call.request["DomainId"]).description


def _list(call: Call) -> Response:
    return paging.list_resources(call, Domain, "Domains", order="Ascending")


def _any_domain(region: Region, _request: Request) -> str:
    return region.arn(Domain.kind, "*")  # the id of a new one is not known yet


_arn = arn_of(Domain)
_roles = roles_at("DefaultUserSettings.ExecutionRole", "DefaultSpaceSettings.ExecutionRole")
OPERATIONS = {
    "CreateDomain": Operation(_create, _any_domain, _roles),
    "UpdateDomain": Operation(_update, _arn, _roles),
    "DescribeDomain": Operation(_describe, _arn),
    "DeleteDomain": Operation(_delete, _arn),
    "ListDomains": Operation(_list),
}
