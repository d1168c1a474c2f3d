"""Studio domains: created and deleted in the background; one that is in use cannot be deleted."""

import functools
import logging
from typing import Any

from local.sagemaker.core import paging
from local.sagemaker.core.errors import in_use, invalid, limit_exceeded, not_found
from local.sagemaker.core.operation import Call, Operation, Request, Response
from local.sagemaker.core.region import Record, Region, later, new_id, now, once_serving
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.resources import home_file_system, lifecycle_configs
from local.sagemaker.resources.studio_usage import check_free, live_apps, members

KIND = "domain"
MAX_DOMAINS = 10
TRANSIENT = ("Pending", "Updating", "Deleting")
log = logging.getLogger("sagemaker")


def find(region: Region, domain_id: str) -> Record:
    """The domain; raises ResourceNotFound as the service does."""
    record = region.get(KIND, domain_id)
    if record is None:
        raise not_found(f"Domain [{domain_id}] does not exist.")
    return record


def find_ready(region: Region, domain_id: str) -> Record:
    """The domain, if things can be made in it."""
    record = find(region, domain_id)
    if record["Status"] != "InService":
        raise in_use(f"Domain [{domain_id}] is in status {record['Status']}; it must be InService.")
    return record


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    if "VpcId" not in request or not request.get("SubnetIds"):
        raise invalid("A domain needs a VpcId and SubnetIds.")
    lifecycle_configs.check_named(region, request)
    home_file_system.check_network(region, request["VpcId"], request["SubnetIds"])
    domain_id = f"d-{new_id()}"
    arn = region.arn(KIND, domain_id)
    with region.lock:
        if any(domain["DomainName"] == request["DomainName"] for domain in region.all(KIND)):
            raise in_use(f"Domain with name {request['DomainName']} already exists.")
        if len(region.all(KIND)) >= MAX_DOMAINS:
            raise limit_exceeded(
                f"The account-level service limit 'Maximum number of Studio domains allowed per "
                f"account' is {MAX_DOMAINS} domains."
            )
        record: Record = {
            "AppNetworkAccessType": "PublicInternetOnly",
            **request,
            "DomainId": domain_id,
            "DomainArn": arn,
            "Status": "Pending",
            "CreationTime": now(),
            "LastModifiedTime": now(),
            "Url": f"https://{domain_id}.studio.{region.name}.sagemaker.aws",
            "_next_uid": 200001,
        }
        region.put(KIND, [domain_id], record)
        keep_tags(region, arn, request)
    later(lambda: _finish_creation(region, record))
    return record


def _finish_creation(region: Region, record: Record) -> None:
    try:
        file_system = home_file_system.create(region, record)
    except Exception as error:
        log.exception("domain %s", record["DomainId"])
        enter(region, record, "Failed", str(error))
        return
    with region.lock:
        record["HomeEfsFileSystemId"] = file_system
    enter(region, record, "InService")


def enter(region: Region, record: Record, status: str, reason: str | None = None) -> None:
    """Put a Studio resource into a status."""
    with region.lock:
        record["Status"] = status
        record["LastModifiedTime"] = now()
        if reason:
            record["FailureReason"] = reason


def _update(call: Call) -> Response:
    region = call.region
    with region.lock:
        record = find_ready(region, call.request["DomainId"])
        lifecycle_configs.check_named(region, call.request)
        merge(record, call.request, ("DefaultUserSettings", "DefaultSpaceSettings"))
        enter(region, record, "Updating")
    later(lambda: enter(region, record, "InService"))
    return record


def resume(region: Region) -> None:
    """Finish what was under way with a domain when the account was stopped."""
    finish = {
        "Pending": _finish_creation,
        "Updating": lambda region, record: enter(region, record, "InService"),
        "Deleting": _finish_deletion,
    }
    for record in region.all(KIND):
        if record["Status"] in finish:
            once_serving(functools.partial(finish[record["Status"]], region, record))


def merge(record: Record, request: Request, nested: tuple[str, ...]) -> None:
    """Take an update's members over; of nested settings, those that it names."""
    for member, value in request.items():
        if member in nested:
            record[member] = {**record.get(member, {}), **value}
        else:
            record[member] = value


def _delete(call: Call) -> Response:
    region, request = call.region, call.request
    with region.lock:
        record = find(region, request["DomainId"])
        check_free(
            f'Domain "{request["DomainId"]}"',
            {
                "App": live_apps(region, DomainId=record["DomainId"]),
                "Space": members(region, "space", DomainId=record["DomainId"]),
                "UserProfile": members(region, "user-profile", DomainId=record["DomainId"]),
            },
        )
        if record["Status"] in TRANSIENT:
            raise in_use(f"Domain [{request['DomainId']}] is in status {record['Status']}.")
        enter(region, record, "Deleting")
        keeps = request.get("RetentionPolicy", {}).get("HomeEfsFileSystem", "Retain") == "Retain"
        record["_keeps_files"] = keeps
    later(lambda: _finish_deletion(region, record))
    return {}


def _finish_deletion(region: Region, record: Record) -> None:
    file_system = record.get("HomeEfsFileSystemId")
    try:
        if file_system and not record["_keeps_files"]:
            home_file_system.delete_file_system(region, file_system)
    except Exception as error:
        log.exception("domain %s", record["DomainId"])
        enter(region, record, "Delete_Failed", str(error))
        return
    with region.lock:
        region.drop(KIND, record["DomainId"])


def _describe(call: Call) -> Response:
    return find(call.region, call.request["DomainId"])


def _list(call: Call) -> Response:
    return paging.listing(call, KIND, "Domains", name="DomainName", order="Ascending")


def _presigned_url(call: Call) -> Response:
    region, request = call.region, call.request
    with region.lock:
        domain = find_ready(region, request["DomainId"])
        if domain["AuthMode"] != "IAM":
            raise invalid(f"Domain [{request['DomainId']}] does not authenticate by IAM.")
        if not region.get("user-profile", request["DomainId"], request["UserProfileName"]):
            raise not_found(f"UserProfile [{request['UserProfileName']}] does not exist.")
        space = request.get("SpaceName")
        if space and not region.get("space", request["DomainId"], space):
            raise not_found(f"Space [{space}] does not exist.")
    return {"AuthorizedUrl": f"{domain['Url']}/auth?token={new_id(64)}"}


def execution_roles(*settings: str) -> Any:
    """The execution roles that these settings of a request pass."""

    def roles(request: Request) -> list[str]:
        named = (request.get(member, {}).get("ExecutionRole") for member in settings)
        return [role for role in named if role]

    return roles


def _new_domain(region: Region, _request: Request) -> str:
    return region.arn(KIND, "*")


def _domain(region: Region, request: Request) -> str:
    return region.arn(KIND, request["DomainId"])


def _profile(region: Region, request: Request) -> str:
    return region.arn("user-profile", request["DomainId"], request["UserProfileName"])


_roles = execution_roles("DefaultUserSettings", "DefaultSpaceSettings")
OPERATIONS = {
    "CreateDomain": Operation(_create, _new_domain, _roles),
    "UpdateDomain": Operation(_update, _domain, _roles),
    "DescribeDomain": Operation(_describe, _domain),
    "DeleteDomain": Operation(_delete, _domain),
    "ListDomains": Operation(_list),
    "CreatePresignedDomainUrl": Operation(_presigned_url, _profile),
}
