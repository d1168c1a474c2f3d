"""Apps of a Studio domain: each belongs to a space or to a user profile."""

import functools

from local.sagemaker.core import paging, quotas
from local.sagemaker.core.api import Description, Request, Response
from local.sagemaker.core.errors import in_use, invalid, not_found
from local.sagemaker.core.operation import Call, Operation, arn_of
from local.sagemaker.core.region import Region
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import later, now, once_serving
from local.sagemaker.resources import (
    app_run,
    app_settings,
    domains,
    lifecycle_configs,
    profiles,
    spaces,
)
from local.sagemaker.resources.studio import App, StudioResource, live_apps

SPACE_APPS = ("JupyterLab", "CodeEditor")


def resume(region: Region) -> None:
    """Finish what was under way when the account was stopped, and start what ran."""
    for app in region.all(App):
        if app.status == "Deleting":
            app.enter("Deleted")
        elif app.status in ("Pending", "InService"):
            app.enter("Pending")
            once_serving(functools.partial(app_run.run, app))


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    with region.lock:
        domains.find_ready(region, request["DomainId"])
        lifecycle_configs.check_references(region, request)
        owner = _owner(region, request)
        if owner.status != "InService":
            raise in_use(f"The owner of the app is in status {owner.status}.")
        existing = region.get(App, *App.path(request))
        if existing and existing.status != "Deleted":
            raise in_use(f"App [{request['AppName']}] already exists.")
        quotas.check_app(request, [each.description for each in live_apps(region)])
        app = App.create(
            region,
            {
                **request,
                "ResourceSpec": app_settings.resource_spec(region, request),
                "AppArn": region.arn(App.kind, *App.path(request)),
                "Status": "Pending",
                "CreationTime": now(),
            },
        )
        region.add(app)
        keep_tags(app, request)
    later(lambda: app_run.run(app))
    return app.description


def _owner(region: Region, request: Request) -> StudioResource:
    if "SpaceName" in request:
        space = spaces.find(region, request["DomainId"], request["SpaceName"])
        settings = space.description.get("SpaceSettings", {})
        app_type = settings.get("AppType", request["AppType"])
        if app_type != request["AppType"]:
            raise invalid(f"Space [{request['SpaceName']}] is for apps of type {app_type}.")
        return space
    if request["AppType"] in SPACE_APPS:
        raise invalid(f"Apps of type {request['AppType']} belong to a space: name its SpaceName.")
    return profiles.find(region, request["DomainId"], request["UserProfileName"])


def _find(region: Region, request: Request) -> App:
    app = region.get(App, *App.path(request))
    if app is None:
        raise not_found(f"App [{request['AppName']}] does not exist.")
    return app


def _delete(call: Call) -> Response:
    with call.region.lock:
        app = _find(call.region, call.request)
        if app.status == "Deleted":
            raise not_found(f"App [{app.description['AppName']}] does not exist.")
        app.enter("Deleting")
    later(lambda: app_run.end(app))
    return {}


def _describe(call: Call) -> Response:
    return _find(call.region, call.request).description


def _list(call: Call) -> Response:
    values = {
        member: call.request[f"{member}Equals"]
        for member in ("DomainId", "UserProfileName", "SpaceName")
        if f"{member}Equals" in call.request
    }

    def keep(app: Description) -> bool:
        return all(app.get(member) == value for member, value in values.items())

    return paging.list_resources(call, App, "Apps", order="Ascending", keep=keep)


OPERATIONS = {
    "CreateApp": Operation(_create, arn_of(App)),
    "DescribeApp": Operation(_describe, arn_of(App)),
    "DeleteApp": Operation(_delete, arn_of(App)),
    "ListApps": Operation(_list),
}
