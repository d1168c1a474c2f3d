"""User profiles of a Studio domain."""

from local.sagemaker.core.api import Response
from local.sagemaker.core.operation import Call, Operation, arn_of, roles_at
from local.sagemaker.core.region import Region
from local.sagemaker.resources import domain_members
from local.sagemaker.resources.studio import Space, UserProfile, with_members


def find(region: Region, domain_id: str, name: str) -> UserProfile:
    """Return the profile.

    Raises:
        ServiceError: ResourceNotFound.
    """
    return domain_members.find(region, UserProfile, domain_id, name)


def resume(region: Region) -> None:
    """Finish what was under way with profiles when the account was stopped."""
    domain_members.resume(region, UserProfile)


def _create(call: Call) -> Response:
    with call.region.lock:
        return domain_members.create(call, UserProfile).description


def _update(call: Call) -> Response:
    return domain_members.update(call, UserProfile, "UserSettings")


def _delete(call: Call) -> Response:
    with call.region.lock:
        profile = domain_members.named_in(call, UserProfile)
        owned = with_members(
            call.region,
            Space,
            DomainId=profile.description["DomainId"],
            OwnershipSettings={"OwnerUserProfileName": profile.description["UserProfileName"]},
        )
        domain_members.delete(profile, {Space: owned})
    return {}


def _describe(call: Call) -> Response:
    return domain_members.named_in(call, UserProfile).description


def _list(call: Call) -> Response:
    return domain_members.list_members(call, UserProfile, "UserProfiles")


_arn, _roles = arn_of(UserProfile), roles_at("UserSettings.ExecutionRole")
OPERATIONS = {
    "CreateUserProfile": Operation(_create, _arn, _roles),
    "UpdateUserProfile": Operation(_update, _arn, _roles),
    "DescribeUserProfile": Operation(_describe, _arn),
    "DeleteUserProfile": Operation(_delete, _arn),
    "ListUserProfiles": Operation(_list),
}
