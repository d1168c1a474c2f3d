"""User profiles and spaces of a Studio domain."""

from typing import Any

from local.sagemaker.core import paging
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, Response, named
from local.sagemaker.core.region import Record, Region, later, now
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.resources import domains, lifecycle_configs
from local.sagemaker.resources.domains import enter, execution_roles, merge
from local.sagemaker.resources.studio_usage import check_free, live_apps, members

PROFILE = "user-profile"
SPACE = "space"
NAMES = {PROFILE: "UserProfileName", SPACE: "SpaceName"}
TITLES = {PROFILE: "UserProfile", SPACE: "Space"}


def find(region: Region, kind: str, domain_id: str, name: str) -> Record:
    """A profile or space; raises ResourceNotFound as the service does."""
    record = region.get(kind, domain_id, name)
    if record is None:
        raise not_found(f"{TITLES[kind]} [{name}] does not exist in Domain [{domain_id}].")
    return record


def _create(call: Call, kind: str) -> Record:
    request, region = call.request, call.region
    name = request[NAMES[kind]]
    arn = region.arn(kind, request["DomainId"], name)
    domain = domains.find_ready(region, request["DomainId"])
    lifecycle_configs.check_named(region, request)
    if region.get(kind, request["DomainId"], name):
        raise in_use(f"{TITLES[kind]} [{name}] already exists in Domain [{request['DomainId']}].")
    domain["_next_uid"] += 1
    record: Record = {
        **request,
        f"{TITLES[kind]}Arn": arn,
        "HomeEfsFileSystemUid": str(domain["_next_uid"]),
        "Status": "Pending",
        "CreationTime": now(),
        "LastModifiedTime": now(),
    }
    region.put(kind, [request["DomainId"], name], record)
    keep_tags(region, arn, request)
    later(lambda: enter(region, record, "InService"))
    return record


def _create_profile(call: Call) -> Response:
    with call.region.lock:
        return _create(call, PROFILE)


def _create_space(call: Call) -> Response:
    request, region = call.request, call.region
    owner = request.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    sharing = request.get("SpaceSharingSettings", {}).get("SharingType")
    if bool(owner) != bool(sharing):
        raise invalid("OwnershipSettings and SpaceSharingSettings must be given together.")
    with region.lock:
        if owner:
            find(region, PROFILE, request["DomainId"], owner)
        record = _create(call, SPACE)
        record["Url"] = f"{domains.find(region, request['DomainId'])['Url']}/{request['SpaceName']}"
        record.update(_summary(record))
        return record


def _summary(space: Record) -> Record:
    """What ListSpaces shows of a space's settings."""
    settings: dict[str, Any] = space.get("SpaceSettings", {})
    summary = {
        "AppType": settings.get("AppType"),
        "SpaceStorageSettings": settings.get("SpaceStorageSettings"),
    }
    return {
        "SpaceSettingsSummary": {name: value for name, value in summary.items() if value},
        "SpaceSharingSettingsSummary": space.get("SpaceSharingSettings"),
        "OwnershipSettingsSummary": space.get("OwnershipSettings"),
    }


def _update(call: Call, kind: str, nested: str) -> Response:
    region, request = call.region, call.request
    with region.lock:
        record = find(region, kind, request["DomainId"], request[NAMES[kind]])
        if record["Status"] in domains.TRANSIENT:
            raise in_use(f"{TITLES[kind]} is in status {record['Status']}.")
        lifecycle_configs.check_named(region, request)
        merge(record, request, (nested,))
        if kind == SPACE:
            record.update(_summary(record))
        enter(region, record, "Updating")
    later(lambda: enter(region, record, "InService"))
    return record


def _update_profile(call: Call) -> Response:
    return _update(call, PROFILE, "UserSettings")


def _update_space(call: Call) -> Response:
    return _update(call, SPACE, "SpaceSettings")


def _delete(call: Call, kind: str) -> Response:
    region, request = call.region, call.request
    domain_id, name = request["DomainId"], request[NAMES[kind]]
    with region.lock:
        record = find(region, kind, domain_id, name)
        users = {"App": live_apps(region, DomainId=domain_id, **{NAMES[kind]: record[NAMES[kind]]})}
        if kind == PROFILE:
            owned = {"OwnerUserProfileName": record["UserProfileName"]}
            users["Space"] = members(region, SPACE, DomainId=domain_id, OwnershipSettings=owned)
        check_free(f'{TITLES[kind]} "{name}"', users)
        enter(region, record, "Deleting")
    later(lambda: _drop(region, kind, domain_id, name))
    return {}


def resume(region: Region) -> None:
    """Finish what was under way with profiles and spaces when the account was stopped."""
    for kind, title in NAMES.items():
        for record in region.all(kind):
            if record["Status"] == "Deleting":
                region.drop(kind, record["DomainId"], record[title])
            elif record["Status"] in domains.TRANSIENT:
                enter(region, record, "InService")


def _drop(region: Region, kind: str, domain_id: str, name: str) -> None:
    with region.lock:
        region.drop(kind, domain_id, name)


def _delete_profile(call: Call) -> Response:
    return _delete(call, PROFILE)


def _delete_space(call: Call) -> Response:
    return _delete(call, SPACE)


def _describe_profile(call: Call) -> Response:
    request = call.request
    return find(call.region, PROFILE, request["DomainId"], request["UserProfileName"])


def _describe_space(call: Call) -> Response:
    request = call.request
    return find(call.region, SPACE, request["DomainId"], request["SpaceName"])


def _listing(call: Call, kind: str, member: str) -> Response:
    domain_id = call.request.get("DomainIdEquals")

    def keep(record: Record) -> bool:
        return domain_id in (None, record["DomainId"])

    return paging.listing(call, kind, member, name=NAMES[kind], order="Ascending", keep=keep)


def _list_profiles(call: Call) -> Response:
    return _listing(call, PROFILE, "UserProfiles")


def _list_spaces(call: Call) -> Response:
    return _listing(call, SPACE, "Spaces")


_profile = named(PROFILE, "DomainId", "UserProfileName")
_space = named(SPACE, "DomainId", "SpaceName")
_roles = execution_roles("UserSettings")
OPERATIONS = {
    "CreateUserProfile": Operation(_create_profile, _profile, _roles),
    "UpdateUserProfile": Operation(_update_profile, _profile, _roles),
    "DescribeUserProfile": Operation(_describe_profile, _profile),
    "DeleteUserProfile": Operation(_delete_profile, _profile),
    "ListUserProfiles": Operation(_list_profiles),
    "CreateSpace": Operation(_create_space, _space),
    "UpdateSpace": Operation(_update_space, _space),
    "DescribeSpace": Operation(_describe_space, _space),
    "DeleteSpace": Operation(_delete_space, _space),
    "ListSpaces": Operation(_list_spaces),
}
