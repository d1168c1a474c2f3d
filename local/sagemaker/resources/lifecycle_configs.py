"""Studio lifecycle configurations: scripts that apps start with, named by settings and by apps."""

from collections.abc import Iterator
from typing import Any

from local.sagemaker.core import paging
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, Request, Response, named
from local.sagemaker.core.region import Record, Region, now
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.resources.studio_usage import check_free, live_apps, members

KIND = "studio-lifecycle-config"


def check_named(region: Region, request: Request) -> None:
    """Raise ValidationException if a request names a configuration that does not exist."""
    known = {record["StudioLifecycleConfigArn"] for record in region.all(KIND)}
    for text in _texts(request):
        if f":{KIND}/" in text and text.lower() not in known:
            raise invalid(f"StudioLifecycleConfig [{text}] does not exist.")


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["StudioLifecycleConfigName"]
    arn = region.arn(KIND, name)
    with region.lock:
        if region.get(KIND, name):
            raise in_use(f"StudioLifecycleConfig [{name}] already exists.")
        record: Record = {
            **request,
            "StudioLifecycleConfigArn": arn,
            "CreationTime": now(),
            "LastModifiedTime": now(),
        }
        region.put(KIND, [name], record)
        keep_tags(region, arn, request)
    return record


def _find(region: Region, name: str) -> Record:
    record = region.get(KIND, name)
    if record is None:
        raise not_found(f"StudioLifecycleConfig [{name}] does not exist.")
    return record


def _describe(call: Call) -> Response:
    return _find(call.region, call.request["StudioLifecycleConfigName"])


def _delete(call: Call) -> Response:
    region, name = call.region, call.request["StudioLifecycleConfigName"]
    with region.lock:
        arn = _find(region, name)["StudioLifecycleConfigArn"]
        users = {
            title: [record for record in members(region, kind) if arn in _texts(record)]
            for kind, title in (
                ("domain", "Domain"),
                ("user-profile", "UserProfile"),
                ("space", "Space"),
            )
        }
        users["App"] = [app for app in live_apps(region) if arn in _texts(app)]
        check_free(f'StudioLifecycleConfig "{name}"', users)
        region.drop(KIND, name)
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


def _list(call: Call) -> Response:
    kind = call.request.get("AppTypeEquals")

    def keep(record: Record) -> bool:
        return kind in (None, record["StudioLifecycleConfigAppType"])

    return paging.listing(
        call, KIND, "StudioLifecycleConfigs", name="StudioLifecycleConfigName", keep=keep
    )


_config = named(KIND, "StudioLifecycleConfigName")
OPERATIONS = {
    "CreateStudioLifecycleConfig": Operation(_create, _config),
    "DescribeStudioLifecycleConfig": Operation(_describe, _config),
    "DeleteStudioLifecycleConfig": Operation(_delete, _config),
    "ListStudioLifecycleConfigs": Operation(_list),
}
