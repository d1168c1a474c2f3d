"""Studio lifecycle configurations: scripts that apps start with, named by settings and by apps."""

import base64
import binascii
from collections.abc import Iterator, Sequence

from local.sagemaker.core import paging
from local.sagemaker.core.api import Description, Request, Response, Value
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, arn_of
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import now
from local.sagemaker.resources.studio import (
    App,
    Domain,
    LifecycleConfig,
    Space,
    UserProfile,
    check_unused,
    live_apps,
)


def check_references(region: Region, request: Request) -> None:
    """Check that the lifecycle configurations that a request names exist.

    Raises:
        ServiceError: ValidationException.
    """
    existing = {each.arn for each in region.all(LifecycleConfig)}
    for text in _texts(request):
        if f":{LifecycleConfig.kind}/" in text and text.lower() not in existing:
            raise invalid(f"StudioLifecycleConfig [{text}] does not exist.")


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["StudioLifecycleConfigName"]
    try:
        base64.b64decode(request["StudioLifecycleConfigContent"])
    except binascii.Error:
        raise invalid("StudioLifecycleConfigContent is not encoded in Base64.") from None
    with region.lock:
        if region.get(LifecycleConfig, name):
            raise in_use(f"StudioLifecycleConfig [{name}] already exists.")
        config = LifecycleConfig.create(
            region,
            {
                **request,
                "StudioLifecycleConfigArn": region.arn(LifecycleConfig.kind, name),
                "CreationTime": now(),
                "LastModifiedTime": now(),
            },
        )
        region.add(config)
        keep_tags(config, request)
    return config.description


def _find(call: Call) -> LifecycleConfig:
    name = call.request["StudioLifecycleConfigName"]
    config = call.region.get(LifecycleConfig, name)
    if config is None:
        raise not_found(f"StudioLifecycleConfig [{name}] does not exist.")
    return config


def _describe(call: Call) -> Response:
    return _find(call).description


def _delete(call: Call) -> Response:
    region = call.region
    with region.lock:
        config = _find(call)

        def users(resources: Sequence[Resource]) -> list[Resource]:
            return [each for each in resources if config.arn in _texts(each.description)]

        check_unused(
            f'StudioLifecycleConfig "{call.request["StudioLifecycleConfigName"]}"',
            {
                Domain: users(region.all(Domain)),
                UserProfile: users(region.all(UserProfile)),
                Space: users(region.all(Space)),
                App: users(live_apps(region)),
            },
        )
        region.remove(config)
    return {}


def _texts(value: Value) -> Iterator[str]:
    """Return every text in a value of the API, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _list(call: Call) -> Response:
    app_type = call.request.get("AppTypeEquals")

    def keep(config: Description) -> bool:
        return app_type in (None, config["StudioLifecycleConfigAppType"])

    return paging.list_resources(call, LifecycleConfig, "StudioLifecycleConfigs", keep=keep)


_arn = arn_of(LifecycleConfig)
OPERATIONS = {
    "CreateStudioLifecycleConfig": Operation(_create, _arn),
    "DescribeStudioLifecycleConfig": Operation(_describe, _arn),
    "DeleteStudioLifecycleConfig": Operation(_delete, _arn),
    "ListStudioLifecycleConfigs": Operation(_list),
}
