"""Apps of a Studio domain: of a space, or of a user profile."""

from local.sagemaker.core import paging
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, Request, Response
from local.sagemaker.core.region import Record, Region, later, now
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.resources import domains, lifecycle_configs, profiles
from local.sagemaker.resources.domains import enter

APP = "app"
SPACE_APPS = ("JupyterLab", "CodeEditor")


def _path(request: Request) -> list[str]:
    owner = request.get("UserProfileName") or request.get("SpaceName")
    if owner is None or ("UserProfileName" in request and "SpaceName" in request):
        raise invalid("Name the owner of the app: either UserProfileName or SpaceName.")
    return [request["DomainId"], owner, request["AppType"].lower(), request["AppName"]]


def _arn(region: Region, request: Request) -> str:
    return region.arn(APP, *_path(request))


def _create_app(call: Call) -> Response:
    request, region = call.request, call.region
    path = _path(request)
    with region.lock:
        domains.find_ready(region, request["DomainId"])
        lifecycle_configs.check_named(region, request)
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
        space = profiles.find(region, profiles.SPACE, request["DomainId"], request["SpaceName"])
        kind = space.get("SpaceSettings", {}).get("AppType", request["AppType"])
        if kind != request["AppType"]:
            raise invalid(f"Space [{request['SpaceName']}] is for apps of type {kind}.")
        return space
    if request["AppType"] in SPACE_APPS:
        raise invalid(f"Apps of type {request['AppType']} belong to a space: name its SpaceName.")
    return profiles.find(region, profiles.PROFILE, request["DomainId"], request["UserProfileName"])


def _become_ready(region: Region, record: Record) -> None:
    with region.lock:
        if record["Status"] == "Pending":
            enter(region, record, "InService")


def resume(region: Region) -> None:
    """Finish what was under way with apps when the account was stopped."""
    ends = {"Pending": "InService", "Deleting": "Deleted"}
    for record in region.all(APP):
        if record["Status"] in ends:
            enter(region, record, ends[record["Status"]])


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


OPERATIONS = {
    "CreateApp": Operation(_create_app, _arn),
    "DescribeApp": Operation(_describe_app, _arn),
    "DeleteApp": Operation(_delete_app, _arn),
    "ListApps": Operation(_list_apps),
}
