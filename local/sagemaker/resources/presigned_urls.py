"""CreatePresignedDomainUrl: where a person opens Studio, or the JupyterLab app of a space."""

from local.sagemaker.core.api import Response
from local.sagemaker.core.errors import invalid, not_found
from local.sagemaker.core.operation import Call, Operation, arn_of
from local.sagemaker.core.region import Region, new_id
from local.sagemaker.resources import app_settings, domains
from local.sagemaker.resources.studio import App, Space, UserProfile, with_members
from local.studio.jupyter_lab import AppEndedError, JupyterLab, OpeningError


def _create(call: Call) -> Response:
    region, request = call.region, call.request
    with region.lock:
        domain = domains.find_ready(region, request["DomainId"])
        if domain.description["AuthMode"] != "IAM":
            raise invalid(f"Domain [{request['DomainId']}] does not authenticate by IAM.")
        if not region.get(UserProfile, *UserProfile.path(request)):
            raise not_found(f"UserProfile [{request['UserProfileName']}] does not exist.")
        running = _running(region, _space(call)) if "SpaceName" in request else None
        url = f"{domain.description['Url']}/auth?token={new_id(64)}"
    try:
        return {"AuthorizedUrl": running.open() if running else url}
    except (AppEndedError, OpeningError) as error:
        raise invalid(str(error)) from None


def _space(call: Call) -> Space:
    space = call.region.get(Space, *Space.path(call.request))
    if space is None:
        raise not_found(f"Space [{call.request['SpaceName']}] does not exist.")
    owner = app_settings.owner(space)
    if owner not in (None, call.request["UserProfileName"]):
        raise invalid(f"Space [{call.request['SpaceName']}] is private to another user profile.")
    return space


def _running(region: Region, space: Space) -> JupyterLab | None:
    """Return the app of a space that can be opened, if there is one."""
    names = {member: space.description[member] for member in Space.named_by}
    apps = with_members(region, App, Status="InService", **names)
    return next((app.running for app in apps if app.running), None)


OPERATIONS = {"CreatePresignedDomainUrl": Operation(_create, arn_of(UserProfile))}
