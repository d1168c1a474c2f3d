"""Spaces of a Studio domain."""

from local.sagemaker.core.api import Description, Response
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation, arn_of
from local.sagemaker.core.region import Region
from local.sagemaker.resources import domain_members, domains, profiles
from local.sagemaker.resources.studio import Space

SUMMARISED_SETTINGS = ("AppType", "SpaceStorageSettings")


def find(region: Region, domain_id: str, name: str) -> Space:
    """Return the space.

    Raises:
        ServiceError: ResourceNotFound.
    """
    return domain_members.find(region, Space, domain_id, name)


def resume(region: Region) -> None:
    """Finish what was under way with spaces when the account was stopped."""
    domain_members.resume(region, Space)


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    owner = request.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    sharing = request.get("SpaceSharingSettings", {}).get("SharingType")
    if bool(owner) != bool(sharing):
        raise invalid("OwnershipSettings and SpaceSharingSettings must be given together.")
    with region.lock:
        if owner:
            profiles.find(region, request["DomainId"], owner)
        domain = domains.find(region, request["DomainId"])
        url = f"{domain.description['Url']}/{request['SpaceName']}"
        return domain_members.create(call, Space, {"Url": url}).description


def _update(call: Call) -> Response:
    return domain_members.update(call, Space, "SpaceSettings")


def _delete(call: Call) -> Response:
    with call.region.lock:
        domain_members.delete(domain_members.named_in(call, Space), {})
    return {}


def _describe(call: Call) -> Response:
    return domain_members.named_in(call, Space).description


def _list(call: Call) -> Response:
    return domain_members.list_members(call, Space, "Spaces", _summarise)


def _summarise(space: Description) -> Description:
    settings = space.get("SpaceSettings", {})
    return {
        **space,
        "SpaceSettingsSummary": {
            name: settings[name] for name in SUMMARISED_SETTINGS if settings.get(name)
        },
        "SpaceSharingSettingsSummary": space.get("SpaceSharingSettings"),
        "OwnershipSettingsSummary": space.get("OwnershipSettings"),
    }


OPERATIONS = {
    "CreateSpace": Operation(_create, arn_of(Space)),
    "UpdateSpace": Operation(_update, arn_of(Space)),
    "DescribeSpace": Operation(_describe, arn_of(Space)),
    "DeleteSpace": Operation(_delete, arn_of(Space)),
    "ListSpaces": Operation(_list),
}
