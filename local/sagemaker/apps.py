"""Apps of a Studio domain, and the lifecycle configurations that they start with."""

from collections.abc import Iterator
from typing import Any

from local.sagemaker import domains, paging, profiles
from local.sagemaker.domains import check_free, enter, members
from local.sagemaker.errors import in_use, invalid, not_found
from local.sagemaker.operation import Call, Operation, Request, Response, named
from local.sagemaker.region import Record, Region, later, now
from local.sagemaker.tagging import keep_tags

APP = "app"
LIFECYCLE = "studio-lifecycle-config"
SPACE_APPS = ("JupyterLab", "CodeEditor")


def _path(request: Request) -> list[str]:
    owner = request.get("UserProfileName") or request.get("SpaceName")
    if owner is None:
        raise invalid("Name the owner of the app: UserProfileName or SpaceName.")
    return [request["DomainId"], owner, request["AppType"].lower(), request["AppName"]]


def _arn(region: Region, request: Request) -> str:
    return region.arn(APP, *_path(request))


def _create_app(call: Call) -> Response:
    request, region = call.request, call.region
    path = _path(request)
    with region.lock:
        domains.find_ready(region, request["DomainId"])
        owner = _owner(region, request)
        if owner["Status"] != "InService":
            raise in_use(f"The owner of the app is in status {owner['Status']}.")
        known = region.get(APP, *path)
        if known and known["Status"] != "Deleted":
            raise in_use(f"App [{request['AppName']}] already exists.")
        record: Record = {
            **request,
            "AppArn": region.arn(APP, *path),
            "Status": "Pending",
            "CreationTime": now(),
            "LastModifiedTime": now(),
        }
        region.put(APP, path, record)
        keep_tags(region, record["AppArn"], request)
    later(lambda: _become_ready(region, record))
    return record


def _owner(region: Region, request: Request) -> Record:
    if "SpaceName" in request:
        return profiles.find(region, profiles.SPACE, request["DomainId"], request["SpaceName"])
    if request["AppType"] in SPACE_APPS:
        raise invalid(f"Apps of type {request['AppType']} belong to a space: name its SpaceName.")
    return profiles.find(region, profiles.PROFILE, request["DomainId"], request["UserProfileName"])


def _become_ready(region: Region, record: Record) -> None:
    with region.lock:
        if record["Status"] == "Pending":
            enter(region, record, "InService")


def _find_app(region: Region, request: Request) -> Record:
    record = region.get(APP, *_path(request))
    if record is None:
        raise not_found(f"App [{request['AppName']}] does not exist.")
    return record


def _delete_app(call: Call) -> Response:
    region = call.region
    with region.lock:
        record = _find_app(region, call.request)
        if record["Status"] == "Deleted":
            raise not_found(f"App [{record['AppName']}] does not exist.")
        enter(region, record, "Deleting")
    later(lambda: enter(region, record, "Deleted"))
    return {}


def _describe_app(call: Call) -> Response:
    return _find_app(call.region, call.request)


def _list_apps(call: Call) -> Response:
    equal = {
        member: call.request[f"{member}Equals"]
        for member in ("DomainId", "UserProfileName", "SpaceName")
        if f"{member}Equals" in call.request
    }

    def keep(record: Record) -> bool:
        return all(record.get(member) == value for member, value in equal.items())

    return paging.listing(call, APP, "Apps", name="AppName", order="Ascending", keep=keep)


def _create_lifecycle(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["StudioLifecycleConfigName"]
    arn = region.arn(LIFECYCLE, name)
    with region.lock:
        if region.get(LIFECYCLE, name):
            raise in_use(f"StudioLifecycleConfig [{name}] already exists.")
        record: Record = {
            **request,
            "StudioLifecycleConfigArn": arn,
            "CreationTime": now(),
            "LastModifiedTime": now(),
        }
        region.put(LIFECYCLE, [name], record)
        keep_tags(region, arn, request)
    return record


def _find_lifecycle(region: Region, name: str) -> Record:
    record = region.get(LIFECYCLE, name)
    if record is None:
        raise not_found(f"StudioLifecycleConfig [{name}] does not exist.")
    return record


def _describe_lifecycle(call: Call) -> Response:
    return _find_lifecycle(call.region, call.request["StudioLifecycleConfigName"])


def _delete_lifecycle(call: Call) -> Response:
    region, name = call.region, call.request["StudioLifecycleConfigName"]
    with region.lock:
        arn = _find_lifecycle(region, name)["StudioLifecycleConfigArn"]
        users = {
            title: [record for record in members(region, kind) if arn in _texts(record)]
            for kind, title in (
                (domains.KIND, "Domain"),
                (profiles.PROFILE, "UserProfile"),
                (profiles.SPACE, "Space"),
            )
        }
        check_free(f'StudioLifecycleConfig "{name}"', users)
        region.drop(LIFECYCLE, name)
    return {}


def _texts(value: Any) -> Iterator[str]:
    """Every string anywhere in a record's settings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _list_lifecycles(call: Call) -> Response:
    kind = call.request.get("AppTypeEquals")

    def keep(record: Record) -> bool:
        return kind in (None, record["StudioLifecycleConfigAppType"])

    return paging.listing(
        call, LIFECYCLE, "StudioLifecycleConfigs", name="StudioLifecycleConfigName", keep=keep
    )


_lifecycle = named(LIFECYCLE, "StudioLifecycleConfigName")
OPERATIONS = {
    "CreateApp": Operation(_create_app, _arn),
    "DescribeApp": Operation(_describe_app, _arn),
    "DeleteApp": Operation(_delete_app, _arn),
    "ListApps": Operation(_list_apps),
    "CreateStudioLifecycleConfig": Operation(_create_lifecycle, _lifecycle),
    "DescribeStudioLifecycleConfig": Operation(_describe_lifecycle, _lifecycle),
    "DeleteStudioLifecycleConfig": Operation(_delete_lifecycle, _lifecycle),
    "ListStudioLifecycleConfigs": Operation(_list_lifecycles),
}
